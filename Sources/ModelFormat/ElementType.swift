/// The element types of `.tflite` tensors, numbered as in the schema.
public enum ElementType: Int8, Sendable {
    case float32 = 0, float16, int32, uint8, int64, string, bool, int16, complex64, int8
    case float64, complex128, uint64, resource, variant, uint32, uint16, int4, bfloat16

    /// Bytes of `elements` elements. Types that we don't compute with (strings, resources) have none.
    public func bytes(_ elements: Int) -> Int {
        switch self {
        case .string, .resource, .variant: 0
        case .int4: (elements + 1) / 2
        case .uint8, .int8, .bool: elements
        case .float16, .bfloat16, .int16, .uint16: 2 * elements
        case .float32, .int32, .uint32: 4 * elements
        case .int64, .uint64, .float64, .complex64: 8 * elements
        case .complex128: 16 * elements
        }
    }

    public var name: String {
        switch self {
        case .float32: "float32"
        case .float16: "float16"
        case .int32: "int32"
        case .uint8: "uint8"
        case .int64: "int64"
        case .string: "string"
        case .bool: "bool"
        case .int16: "int16"
        case .complex64: "complex64"
        case .int8: "int8"
        case .float64: "float64"
        case .complex128: "complex128"
        case .uint64: "uint64"
        case .resource: "resource"
        case .variant: "variant"
        case .uint32: "uint32"
        case .uint16: "uint16"
        case .int4: "int4"
        case .bfloat16: "bfloat16"
        }
    }
}
