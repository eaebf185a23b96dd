import KeywordSpotting

extension Manifest {
    /// Where the manifest beside a model stands, if there is one; nil where `model` is no `.tflite`.
    static func path(beside model: String) -> String? {
        model.hasSuffix(".tflite") ? String(model.dropLast(".tflite".count)) + ".json" : nil
    }
}
