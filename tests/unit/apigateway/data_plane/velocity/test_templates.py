"""Mapping templates: what they can say, and what they cannot reach."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagehen.api.bounded.budget import THREAD_S, BudgetSpent, within
from sagehen.services.apigateway.data_plane.velocity.evaluator import render
from sagehen.services.apigateway.data_plane.velocity.parser import TemplateError, parse_template
from sagehen.services.apigateway.data_plane.velocity.variables import InputVariable, UtilVariable

BODY = {"a": [1, 2, {"b": "x'y"}], "n": "z", "t": True, "f": 1.5, "nothing": None}


# A text of eight million characters.
BIG = "#set($b='aaaaaaaa')#foreach($i in [1..20])#set($b=$b.concat($b))#end"


def variables(body: str | None = None) -> dict[str, Any]:
    params = {"path": {"id": "7"}, "querystring": {"q": "1"}, "header": {"X-A": "h"}}
    return {
        "input": InputVariable(json.dumps(BODY) if body is None else body, params),
        "util": UtilVariable(),
        "context": {"stage": "prod", "identity": {"sourceIp": "1.2.3.4"}, "responseOverride": {"header": {}}},
        "stageVariables": {"k": "v"},
    }


def run(template: str, body: str | None = None) -> str:
    return render(template, variables(body))


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("$input.json('$.a')", '[1,2,{"b":"x\'y"}]'),
        ('$input.json("$.missing")', '""'),
        ("$input.path('$.a[2].b')", "x'y"),
        ("$input.path('$.missing')", ""),
        ("$input.params('id') $input.params('q') $input.params('x-a') [$input.params('no')]", "7 1 h []"),
        ("$input.params().querystring.get('q')", "1"),
        ("$context.identity.sourceIp ${context.stage}/${stageVariables.k}", "1.2.3.4 prod/v"),
        ("#set($r = $input.path('$'))#foreach($e in $r.a)$e#if($foreach.hasNext),#end#end", "1,2,{b=x'y}"),
        ("#foreach($k in $input.path('$').keySet())$k;#end", "a;n;t;f;nothing;"),
        ("#set($x = 2 + 3 * 4)$x #set($y = 7 / 2)$y #set($z = -7 % 4)$z", "14 3 -3"),
        ("#if($input.path('$.t') && 1 < 2)yes#{else}no#end", "yes"),
        ("#if($undefined)yes#{else}no#end", "no"),
        ("#if(!$undefined || $undefined.foo == 1)yes#end", "yes"),
        ("#set($l = [1..3])$l $l.size()", "[1, 2, 3] 3"),
        ("#set($m = {'a': 1, 'b': [true]})$m $m.b[0]", "{a=1, b=[true]} true"),
        ("#set($s = 'AbC')$s.toLowerCase() $s.length() $s.substring(1)", "abc 3 bC"),
        ("#set($s = 'AbC')$s.replaceAll('[A-C]', '<$0>')", "<A>b<C>"),
        ("#set($m = {})#set($d = $m.put('k', 'v'))#foreach($e in $m.entrySet())$e.key=$e.value#end", "k=v"),
        ('#set($n = "v")#set($q = "is $n and ${n}")$q', "is v and v"),
        ("#macro(hi $who)hi $who#end#hi('you')", "hi you"),
        ("before#stop after", "before"),
        ("$util.base64Encode('hé') $util.base64Decode('aGk=')", "aMOp hi"),
        ("$util.urlEncode('a b&c') $util.urlDecode('a+b')", "a+b%26c a b"),
        ("$util.parseJson('{\"q\":[1]}').q[0]", "1"),
        # A list out of a document prints as JSON, a map as Java does, whatever is in it (recorded).
        ("$input.path('$.a')", '[1,2,{"b":"x\'y"}]'),
        ("$input.path('$.a[2]')", "{b=x'y}"),
        ("#set($m = {'l': $input.path('$.a')})$m", '{l=[1,2,{"b":"x\'y"}]}'),
        # What is not found is null and the empty text at once (recorded).
        ("#set($n = $input.path('$.no'))#if($n == $null)a#end#if($n == '')b#end#if($n != '')c#end", "ab"),
        ("#if($input.path('$.a') == '')yes#{else}no#end", "no"),
        ("## note\ntext #* gone *#", "text "),
        ('plain { "json": [1, 2] } costs 5$', 'plain { "json": [1, 2] } costs 5$'),
    ],
)
def test_renders(template: str, expected: str) -> None:
    assert run(template) == expected


def test_an_empty_body_is_an_empty_object() -> None:
    assert run("$input.body $input.json('$')", "") == "{} {}"


def test_a_body_that_is_no_json_is_text() -> None:
    assert run("$input.json('$')", "not json") == '"not json"'


def test_overrides_are_left_where_they_were_put() -> None:
    own = variables()
    render("#set($context.responseOverride.status = 404)", own)
    render("#set($context.responseOverride.header.Foo = 'x')", own)
    assert own["context"]["responseOverride"] == {"status": 404, "header": {"Foo": "x"}}


@pytest.mark.parametrize(
    "template",
    [
        "#set($x = 'a')$x.__class__",
        "#set($x = 'a')$x.__class__.__mro__[1].__subclasses__()",
        "#set($x = '{0.__class__}')$x.format($x)",
        "$input.__init__.__globals__",
        "$input._params",
        "$util.__class__",
        "#set($l = [])$l.__len__()",
        "#set($n = 1)$n.__add__(2) $n.bit_length() $n.real",
        "$input.velocity_methods()",
        "$context.pop('stage')",
        "$context.class.name",
    ],
)
def test_pythons_objects_are_out_of_reach(template: str) -> None:
    assert run(template).replace("{0.__class__}", "").strip() == ""


@pytest.mark.parametrize(
    "template",
    [
        "#set($s='a')#foreach($i in [1..1000])#set($s=$s+$s)#end",
        "#foreach($i in [1..1001])x#end",
        "#foreach($i in [1..1000])#foreach($j in [1..1000])x#end#end",
        "#set($l=[])#set($d=$l.add($l))$l",
        "#set($l=[1])#foreach($i in [1..60])#set($l=[$l,$l])#end$l",
        "#set($n=2)#foreach($i in [1..100])#set($n=$n*$n)#end$n",
        "#set($x=[1..99999999])",
        "#set($x='aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')$x.matches('(a|aa)+[bc]')",
        "#set($x='aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')$x.replaceAll('(a|aa)+$', '')",
        "#set($x='aaaaaaaa')#foreach($i in [1..20])#set($x=$x.replaceAll('a', $x))#end",
        "#set($x='aaaaaaaaaaaaaaaa')#foreach($i in [1..9])#set($x=$x.replaceAll('(?=(.*))', '$1$1$1$1'))#end",
        f"{BIG}$b.split('a')",
        f"{BIG}$b.split('')",
        f"{BIG}#set($l=[])#foreach($i in [1..1000])#set($d=$l.add($b))#end$l",
        f"{BIG}#set($l=[])#foreach($i in [1..1000])#set($d=$l.add($b.concat('x')))#end",
        f'{BIG}#set($d=$b.substring(0,1))#foreach($i in [1..1000])#set($c="$b$i")#end',
        "#set($l=[])#foreach($i in [1..1000])#set($d=$l.add([1..99999]))#end",
        "#set($l=[1])#foreach($i in [1..1000])#set($d=$l.addAll($l))#end",
        "#set($a=[1])#set($b=[1])#foreach($i in [1..60])#set($a=[$a,$a])#set($b=[$b,$b])#end#if($a==$b)x#end",
        "#set($a=[1])#set($b=[1])#foreach($i in [1..60])#set($a=[$a,$a])#set($b=[$b,$b])#end"
        "#if([$a].contains($b))x#end",
        "#set($a={})#set($d=$a.put('b',[1]))#set($b=[1])#foreach($i in [1..60])"
        "#set($d=$a.put('b',[$a.b,$a.b]))#set($b=[$b,$b])#end#if($a.containsValue($b))x#end",
        "#set($l=$input.path('$.a'))#foreach($i in [1..60])#set($m=$input.path('$'))"
        "#set($d=$m.put('a',[$m.a,$m.a]))#end$input.json('$')",
        "#set($r=$input.path('$'))#set($d=$r.put('me',$r))$input.json('$.n') $input.json('$')",
        "$input.json('$" + ".." * 3 + "*" * 2 + "')",
        "$input.path('$" + "[0]" * 1000 + "')",
        "#macro(f)#f()#end#f()",
        "#macro(f $a)#g($a)#end#macro(g $a)#f($a)#end#f(1)",
        "$util.parseJson('{')",
        "$input.json('$[')",
        "#evaluate('$input.body')",
        "#include('/etc/passwd')",
        "#parse('/etc/passwd')",
        "#if(1)" * 3000,
        "#set($x = " + "(" * 3000,
        "#set($a=" + "[$x[" * 200,
        "#foreach(",
        "#if(1 not 2)x#end",
    ],
)
def test_what_goes_wrong_is_told_and_soon(template: str) -> None:
    """Its own error, or, what only takes long, the end of the budget that every rendering has."""
    began = time.thread_time()
    with pytest.raises((TemplateError, BudgetSpent)):
        within(THREAD_S, run, template)
    assert time.thread_time() - began < THREAD_S + 0.5, "one step takes long by itself"


PIECES = st.sampled_from(
    [
        "$",
        "#",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ".",
        ",",
        "'",
        '"',
        "|",
        "!",
        "=",
        " ",
        "\n",
        "\\",
        "$input",
        "$input.json('$')",
        "$input.path('$.a')",
        ".body",
        "$util.",
        "escapeJavaScript(",
        "$x",
        "#set($x = ",
        "#if(",
        "#else",
        "#elseif(",
        "#end",
        "#foreach($i in ",
        "#macro(m $a)",
        "#m(",
        "#stop",
        "1",
        "-2.5",
        "'s'",
        '"$x"',
        "[1..3]",
        "{'a':1}",
        "null",
        "true",
        " + ",
        " && ",
        "..",
        ".size()",
        ".put('a',$x)",
        "__class__",
        "#define($d)",
        "#evaluate(",
        "é",
        "\ud83d\ude00",
        "$context.stage",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_text_renders_or_is_refused(template: str) -> None:
    try:
        assert isinstance(run(template), str)
    except TemplateError:
        pass


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_json_comes_through_unchanged(document: Any) -> None:
    assert json.loads(run("{\"body\": $input.json('$')}", json.dumps(document)))["body"] == document


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_escaped_text_is_the_same_text_in_json(text: str) -> None:
    """Single quotes are escaped too, which JSON does not know: AWS's guide has them put back."""
    own = variables()
    own["x"] = text
    rendered = render('"$util.escapeJavaScript($x).replaceAll("\\\\\'", "\'")"', own)
    assert json.loads(rendered) == text
    assert rendered.isascii()


def test_parsing_a_template_spends_of_its_budget() -> None:
    text = "#if(" + "(" * 8 + "1" + ")" * 8 + ")x#end"
    with pytest.raises(BudgetSpent):
        within(0.0, parse_template, text + " $a.b" * 500)
