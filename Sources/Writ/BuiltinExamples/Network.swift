extension BuiltinExamples {
    /// Examples of networks and requests.
    static let network = #"""
        http.send
          http.send({"method": "GET", "url": "http://registry/gw-1"}).status_code with http.send as {"status_code": 200}
          => 200
          http.send({"method": "GET"})
          !! eval_type_error: http.send: operand 1 missing required request parameters(s): {"url"}
          http.send({"method": "GET", "url": "http://registry/gw-1", "speed": "fast"})
          !! eval_type_error: http.send: operand 1 invalid request parameters(s): {"speed"}
        net.cidr_contains
          net.cidr_contains("10.20.0.0/16", "10.20.4.7")
          => true
          net.cidr_contains("2001:db8::/32", "2001:db8:7::/48")
          => true
          net.cidr_contains("10.20.0.0/16", "gw-1")
          !! eval_builtin_error: net.cidr_contains: not a valid textual representation of an IP address or ...
        net.cidr_contains_matches
          net.cidr_contains_matches({"plant": "10.20.0.0/16", "office": "10.30.0.0/16"}, ["10.20.4.7", "10.40.0.1"])
          => {["plant", 0]}
          net.cidr_contains_matches(["10.20.0.0/16"], ["gw-1"])
          !! eval_builtin_error: net.cidr_contains_matches: not a valid textual representation of an IP ...
        net.cidr_expand
          net.cidr_expand("10.20.4.4/30")
          => {"10.20.4.4", "10.20.4.5", "10.20.4.6", "10.20.4.7"}
          net.cidr_expand("10.20.4.4")
          !! eval_builtin_error: net.cidr_expand: invalid CIDR address: 10.20.4.4
        net.cidr_intersects
          net.cidr_intersects("10.20.0.0/16", "10.20.4.0/24")
          => true
          net.cidr_intersects("10.20.0.0/16", "gw-1")
          !! eval_builtin_error: net.cidr_intersects: invalid CIDR address: gw-1
        net.cidr_is_valid
          net.cidr_is_valid("10.20.0.0/16")
          => true
          net.cidr_is_valid("10.20.0.0")
          => false
        net.cidr_merge
          net.cidr_merge(["10.20.4.0/25", "10.20.4.128/25", "10.30.0.0/16"])
          => {"10.20.4.0/24", "10.30.0.0/16"}
          net.cidr_merge(["2001:db8::1"])
          !! eval_builtin_error: net.cidr_merge: IPv6 invalid: needs prefix length
        net.cidr_overlap
          net.cidr_overlap("10.20.0.0/16", "10.20.4.7")
          => true
          net.cidr_overlap("10.20.0.0/16", "gw-1")
          !! eval_builtin_error: net.cidr_overlap: not a valid textual representation of an IP address or ...
        net.lookup_ip_addr
          net.lookup_ip_addr("broker.example") with net.lookup_ip_addr as {"192.0.2.7"}
          => {"192.0.2.7"}
          net.lookup_ip_addr(input.host) with input.host as 7
          !! eval_type_error: net.lookup_ip_addr: operand 1 must be string but got number
        providers.aws.sign_req
          providers.aws.sign_req(
            {"method": "get", "url": "https://data.iot.eu-central-1.amazonaws.com/things/gw-1/shadow"},
            {"aws_access_key": "AKIDEXAMPLE", "aws_secret_access_key": "SECRET",
              "aws_service": "iotdata", "aws_region": "eu-central-1"},
            1700000000000000000,
          ).headers["x-amz-date"]
          => "20231114T221320Z"
          providers.aws.sign_req({"method": "get", "url": "https://iot.example/"}, {"aws_service": "iotdata"}, 0)
          !! eval_type_error: providers.aws.sign_req: operand 2 missing required AWS config parameters(s): ...
        """#
}
