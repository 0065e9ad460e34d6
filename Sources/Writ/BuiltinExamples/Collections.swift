extension BuiltinExamples {
    /// Examples of arrays, sets, objects and graphs.
    static let collections = #"""
        all
          all([true, 20 < 30])
          => true
          all(["yes"])
          => false
        and
          {"read", "write"} & {"write", "admin"}
          => {"write"}
          input.scopes & {"read"} with input.scopes as ["read"]
          !! eval_type_error: and: operand 1 must be set but got array
        any
          any([false, 20 < 30])
          => true
          any([])
          => false
        array.concat
          array.concat(["plant/a"], ["plant/b", "plant/c"])
          => ["plant/a", "plant/b", "plant/c"]
          array.concat(input.topics, []) with input.topics as "plant/a"
          !! eval_type_error: array.concat: operand 1 must be array but got string
        array.flatten
          array.flatten([["read"], "write", [["admin"]]])
          => ["read", "write", ["admin"]]
          array.flatten(input.scopes) with input.scopes as "read"
          !! eval_type_error: array.flatten: operand 1 must be array but got string
        array.reverse
          array.reverse(["device", "gateway", "cloud"])
          => ["cloud", "gateway", "device"]
          array.reverse(input.hops) with input.hops as 3
          !! eval_type_error: array.reverse: operand 1 must be array but got number
        array.slice
          array.slice(["plant", "line-2", "sensor-7", "temp"], 1, 3)
          => ["line-2", "sensor-7"]
          array.slice(["a", "b"], 0, 100)
          => ["a", "b"]
          array.slice(["a", "b"], 0.5, 1)
          !! eval_type_error: array.slice: operand 2 must be integer number but got floating-point number
        count
          count({"read", "write"})
          => 2
          count("größe")
          => 5
          count(input.devices) with input.devices as 7
          !! eval_type_error: count: operand 1 must be one of {array, object, set, string} but got number
        graph.reachable
          graph.reachable({"gw-1": ["hub"], "hub": ["cloud"], "cloud": []}, ["gw-1"])
          => {"cloud", "gw-1", "hub"}
          graph.reachable(input.links, ["gw-1"]) with input.links as ["gw-1"]
          !! eval_type_error: graph.reachable: operand 1 must be object but got array
        graph.reachable_paths
          graph.reachable_paths({"gw-1": ["hub", "lte"], "hub": ["cloud"], "lte": ["cloud"], "cloud": []}, ["gw-1"])
          => {["gw-1", "hub", "cloud"], ["gw-1", "lte", "cloud"]}
          graph.reachable_paths(input.links, ["gw-1"]) with input.links as "gw-1"
          !! eval_type_error: graph.reachable_paths: operand 1 must be object but got string
        intersection
          intersection({{"read", "write"}, {"write", "admin"}})
          => {"write"}
          intersection(set())
          => set()
        max
          max([21.5, 19, 23])
          => 23
          max([])
          => undefined
          max(input.readings) with input.readings as "21.5"
          !! eval_type_error: max: operand 1 must be one of {set, array} but got string
        min
          min([21.5, 19, 23])
          => 19
          min({"gw-2", "gw-10"})
          => "gw-10"
          min(input.readings) with input.readings as null
          !! eval_type_error: min: operand 1 must be one of {set, array} but got null
        object.filter
          object.filter({"id": "gw-1", "secret": "s3cr3t", "site": "plant"}, ["id", "site"])
          => {"id": "gw-1", "site": "plant"}
          object.filter({"id": "gw-1"}, input.keys) with input.keys as "id"
          !! eval_type_error: object.filter: operand 2 must be one of {object, set, array} but got string
        object.get
          object.get({"id": "gw-1"}, "site", "unknown")
          => "unknown"
          object.get({"owner": {"roles": ["admin"]}}, ["owner", "roles", 0], "none")
          => "admin"
          object.get(input.device, "id", "") with input.device as "gw-1"
          !! eval_type_error: object.get: operand 1 must be object but got string
        object.keys
          object.keys({"temperature": 21.5, "humidity": 40})
          => {"humidity", "temperature"}
          object.keys(input.reading) with input.reading as [21.5]
          !! eval_type_error: object.keys: operand 1 must be object but got array
        object.remove
          object.remove({"id": "gw-1", "secret": "s3cr3t"}, {"secret"})
          => {"id": "gw-1"}
          object.remove(input.device, ["secret"]) with input.device as "gw-1"
          !! eval_type_error: object.remove: operand 1 must be object but got string
        object.subset
          object.subset({"claims": {"scope": {"read", "write"}}}, {"claims": {"scope": {"read"}}})
          => true
          object.subset(["a", "b", "c"], ["b", "c"])
          => true
          object.subset(["a", "b", "c"], ["a", "c"])
          => false
          object.subset(input.all, {"read"}) with input.all as {"read": true}
          !! eval_type_error: object.subset: both arguments object.subset must be of the same type or array ...
        object.union
          object.union({"limits": {"rate": 10, "burst": 20}}, {"limits": {"rate": 5}})
          => {"limits": {"burst": 20, "rate": 5}}
          object.union(input.defaults, {}) with input.defaults as null
          !! eval_type_error: object.union: operand 1 must be object but got null
        object.union_n
          object.union_n([{"rate": 10}, {"rate": 5, "qos": 1}, {"qos": 2}])
          => {"qos": 2, "rate": 5}
          object.union_n(input.layers) with input.layers as [{}, 1]
          !! eval_type_error: object.union_n: operand 1 must be array of objects but got array containing number
        or
          {"read"} | {"write"}
          => {"read", "write"}
          input.scopes | {"read"} with input.scopes as ["read"]
          !! eval_type_error: or: operand 1 must be set but got array
        product
          product([2, 3, 7])
          => 42
          product([])
          => 1
          product(input.factors) with input.factors as [2, "3"]
          !! eval_type_error: product: operand 1 must be array of numbers but got array containing string
        set_diff
          set_diff({"read", "write"}, {"write"})
          => {"read"}
        sort
          sort(["sensor-10", "sensor-2", 7, null])
          => [null, 7, "sensor-10", "sensor-2"]
          sort(input.ids) with input.ids as "sensor-1"
          !! eval_type_error: sort: operand 1 must be one of {set, array} but got string
        sum
          sum([0.1, 0.2])
          => 0.3
          sum([9223372036854775807, 1])
          => 9223372036854775808
          sum(input.bytes) with input.bytes as ["12"]
          !! eval_type_error: sum: operand 1 must be array of numbers but got array containing string
        union
          union({{"read"}, {"write", "read"}})
          => {"read", "write"}
          union({x | some x in input.sets}) with input.sets as [7]
          !! eval_type_error: union: operand 1 must be set but got number
        walk
          [path | walk({"site": {"line": ["sensor-7"]}}, [path, "sensor-7"])]
          => [["site", "line", 0]]
          {value | walk([1, {"x": 2}], [_, value]); is_number(value)}
          => {1, 2}
        """#
}
