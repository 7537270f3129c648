"""Foreign text, parsed within bounds: what a caller sends decides neither depth, size nor time.

    json_text   read_json: depth, and only what JSON can hold (no NaN, no half of a surrogate pair)
    yaml_text   read_yaml: depth and expansion, judged on events before anything is built
    xml_text    read_xml: no document types, no entities; elements are counted while they arrive
    budget      spend, in_budget: work whose cost a caller chooses, on the loop while it is short
    turns       Turns: long work, a few at a time; accounts take turns, and nobody waits without an end

Regular expressions of users have their home in `api/user_patterns.py`. What is bounded by what stands in
`docs/architecture/12-bounds.md`.
"""
