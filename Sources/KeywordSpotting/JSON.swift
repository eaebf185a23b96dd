import CJSON

/// A JSON value that cJSON owns.
struct JSON {
    let value: UnsafeMutablePointer<cJSON>

    private func member(_ name: StaticString) -> UnsafeMutablePointer<cJSON>? {
        cJSON_GetObjectItemCaseSensitive(value, UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self))
    }

    func object(_ name: StaticString) -> JSON? {
        guard let item = member(name), cJSON_IsObject(item) != 0 else { return nil }
        return JSON(value: item)
    }

    func text(_ name: StaticString) -> String? { member(name).flatMap { JSON(value: $0).text } }

    func number(_ name: StaticString) -> Double? { member(name).flatMap { JSON(value: $0).number } }

    /// Of an array or an object.
    func forEach(_ body: (JSON) -> Void) {
        var next = value.pointee.child
        while let item = next {
            body(JSON(value: item))
            next = item.pointee.next
        }
    }

    /// The strings of an array; whatever else stands there is an empty one.
    func texts(_ name: StaticString) -> [String] {
        var texts: [String] = []
        if let list = member(name), cJSON_IsArray(list) != 0 { JSON(value: list).forEach { texts.append($0.text ?? "") } }
        return texts
    }

    var text: String? {
        guard cJSON_IsString(value) != 0, let text = value.pointee.valuestring else { return nil }
        return String(cString: text)
    }

    var number: Double? { cJSON_IsNumber(value) != 0 ? value.pointee.valuedouble : nil }

    /// What an object calls it.
    var name: String { value.pointee.string.map { String(cString: $0) } ?? "" }
}
