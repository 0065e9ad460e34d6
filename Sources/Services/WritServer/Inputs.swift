import NIOHTTP1
import Writ

/// Why a body or a parameter is no input.
struct InputRefusal: Error {
    let message: String
}

/// The inputs that requests bring.
extension Worker {
    /// The `input` of a body such as `{"input": ...}`; undefined where there is none.
    func wrappedInput(
        _ request: Request, _ body: UnsafeBufferPointer<UInt8>, _ space: Space
    ) throws(InputRefusal) -> Value {
        let value = try bareInput(request, body, space)
        guard value.isDefined, !value.isNull else { return .undefined }
        guard value.isObject else {
            throw InputRefusal(
                message:
                    "body contains malformed input document: json: cannot unmarshal \(value.goKind) into Go value of type "
                    + "types.DataRequestV1")
        }
        let input = member(value, space)
        return input.isNull ? .undefined : input
    }

    /// A whole body as an input; undefined for an empty one.
    func bareInput(
        _ request: Request, _ body: UnsafeBufferPointer<UInt8>, _ space: Space
    ) throws(InputRefusal) -> Value {
        guard !body.isEmpty else { return .undefined }
        guard request.facts.isYAML else { return try read(body, space, "body") }
        guard let decode = configuration.decodeYAML else { throw InputRefusal(message: "YAML is not supported") }
        switch decode(Array(body)) {
        case .failure(let refusal):
            throw InputRefusal(message: "body contains malformed input document: \(refusal.message)")
        case .success(let json):
            let result: Result<Value, InputRefusal> = json.withUnsafeBufferPointer { bytes in
                do throws(InputRefusal) { return .success(try read(bytes, space, "body")) } catch {
                    return .failure(error)
                }
            }
            return try result.get()
        }
    }

    /// The `input` parameter of a GET; undefined where there is none.
    func parameterInput(_ request: Request, _ space: Space) throws(InputRefusal) -> Value {
        guard let text = request.target.parameter("input") else { return .undefined }
        do throws(JSONError) { return try space.readJSON(text) } catch {
            throw InputRefusal(
                message:
                    "parameter contains malformed input document: \(String(decoding: error.message, as: UTF8.self))"
            )
        }
    }

    /// The first JSON value of a text, as OPA's decoder takes it: what follows it is not looked at.
    private func read(
        _ text: UnsafeBufferPointer<UInt8>, _ space: Space, _ place: StaticString
    ) throws(InputRefusal) -> Value {
        let failure: JSONError
        do throws(JSONError) { return try space.readFirstJSON(text) } catch { failure = error }
        // A body of nothing but white space counts as empty.
        if failure.reason == .empty { return .undefined }
        throw InputRefusal(
            message: "\(place) contains malformed input document: \(String(decoding: failure.message, as: UTF8.self))")
    }

    /// The member `input`, whatever the case of its letters, as Go's decoder finds it.
    private func member(_ object: Value, _ space: Space) -> Value {
        let exact = space.member(object, .short("input"))
        if exact.isDefined { return exact }
        let entries = space.entries(object)
        for index in 0..<entries.count {
            let matches = space.withBytes(entries.keys[index]) { bytes in
                bytes.count == 5 && bytes.elementsEqual("input".utf8) { $0 | 0x20 == $1 }
            }
            if matches { return entries.values[index] }
        }
        return .undefined
    }
}
