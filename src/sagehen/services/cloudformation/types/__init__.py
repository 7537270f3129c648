"""Types of resources: tables of the operations that make, change and delete each, and what reads them.

A type has `service`, `identity`, and the steps of `create`, `update`, `delete` and `read`; and `kept`,
properties that a change of calls for nothing. A step is
`{"call": operation, "with": request}`, and may have

- `when`: a property without which it is left out, or `conversion:Name` whose value it may be;
- `unless`: a property with which it is left out;
- `each`: a property whose every element it is called for, as `$each`;
- `undo`: a step that takes it back, where the property (or the element) goes;
- `anew`: what it set before is undone first, since it adds to it;
- `over`: of `each`, an element's place: what it set there is not undone where it sets the same place again;
- `whole`: it sets all that it is about, so that what its request lacks is taken away;
- `empty`: of an update, property -> the value that takes it away;
- `only`: of a deletion, `{"call", "with", "path", "is"}`: left out where something else is there;
- `ignored`: error codes that are no fault;
- `fleeting`: of what answers are known by then, what later steps read and nothing keeps;
- `text`: the member of its answer that is a document, read whole;
- `keep`, `at`: the name under which (a part of) its answer stands beside what the first step answered;
- `except`: of an update with `*`, properties that its operation does not change;
- `on`: of an update, the properties whose change calls for it (`*`: all that no other step has);
- `wait`: `{"call", "with", "path", "until", "failed", "reason"}`, asked until a value is there;
- `among`, `is`: of a reading, the path of a list, and what the member that is meant has;
- `as`: of a reading, the name under which a creation answers the same;
- `gives`: of a reading, property -> where its answer has it, or [what of the property is sent, where the
  answer has that]; `*`: members that have a property's name;
- `gone`: of a reading, further error codes that say that there is none;
- `service`: where it is another than the type's.

In requests `$Name.Path` is a property, `$id` the physical id, `$result.Path` what the first step answered,
`$region`, `$account`; a member without a value is left out. `*` merges members: of `rest`, all properties
that nothing else names, or of a property. `$function:Name` calls one of `conversions.py`.
"""
