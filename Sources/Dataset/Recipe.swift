import Foundation
import Support

/// Settings as JSON in which what is left out keeps its default, and what is misspelt is told.
public enum Recipe {
    /// `defaults` with the values of `json`, at any depth. Throws `Failure` naming `name` for what is no JSON, for a name that there is
    /// not, and for a value of the wrong kind.
    public static func decode<T: Codable>(_ json: Data, over defaults: T, name: String) throws(Failure) -> T {
        func bad(_ why: String) -> Failure { Failure(.configuration, "\(name)", "\(why)", "see the recipes beside the shipped models") }
        do {
            guard let given = try JSONSerialization.jsonObject(with: json) as? [String: Any] else { throw bad("is no JSON object") }
            let base = try JSONSerialization.jsonObject(with: JSONEncoder().encode(defaults)) as! [String: Any]
            let merged = try merge(given, over: base, at: "", bad)
            return try JSONDecoder().decode(T.self, from: JSONSerialization.data(withJSONObject: merged))
        } catch let failure as Failure {
            throw failure
        } catch let DecodingError.typeMismatch(type, context) {
            throw bad("\(context.codingPath.map(\.stringValue).joined(separator: ".")) is no \(type)")
        } catch let DecodingError.dataCorrupted(context) where !context.codingPath.isEmpty {
            throw bad("\(context.codingPath.map(\.stringValue).joined(separator: ".")): \(context.debugDescription)")
        } catch {
            throw bad("is no JSON that can be read")
        }
    }

    private static func merge(_ given: [String: Any], over base: [String: Any], at path: String, _ bad: (String) -> Failure) throws -> [String: Any] {
        var merged = base
        for (key, value) in given {
            guard let old = base[key] else { throw bad("there is no setting \(path)\(key) (there are \(base.keys.sorted().joined(separator: ", ")))") }
            // One without settings of its own takes any names.
            if let value = value as? [String: Any], let old = old as? [String: Any], !old.isEmpty {
                merged[key] = try merge(value, over: old, at: "\(path)\(key).", bad)
            } else {
                merged[key] = value
            }
        }
        return merged
    }
}
