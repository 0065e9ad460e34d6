# METADATA
# {"title": "t", "description": "d", "scope": "package", "authors": ["A B <a@b.c>", {"name": "n", "email": "e"}],
# "organizations": ["o"], "related_resources": ["https://a.b/c", {"ref": "https://a.b", "description": "x"}],
# "custom": {"k": [1, {"x": null}]}, "entrypoint": true, "labels": {"a": 1}}
package p

# METADATA
# {"scope": "rule", "schemas": [{"input": "schema.x"}, {"data.a": {"type": "object"}}, {"input.b": {"type": "string"}}]}
a := rego.metadata.rule()

# METADATA
# {"scope": "document", "title": "b"}

# METADATA
# {"title": "again"}
b contains x if some x in rego.metadata.chain()

# METADATA
# {"scope": "subpackages"}
f(x) := x
