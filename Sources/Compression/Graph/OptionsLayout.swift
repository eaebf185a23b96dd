import ModelFormat

/// The options table of an operator: which member of the schema's union BuiltinOptions it is, and its fields in order.
struct OptionsLayout: Sendable {
    enum Kind: Substring, Sendable { case byte, flag, int, real, text, ints }

    struct Field: Sendable {
        let kind: Kind
        let name: String
        let missing: Int
    }

    let union: UInt8
    let fields: [Field]

    /// The default of a field; nil for one that the table doesn't have.
    func missing(_ name: String) -> Int? { fields.first { $0.name == name }?.missing }

    static func of(_ code: Graph.Code) -> OptionsLayout? { all[code.rawValue] }

    private static let all: [Int32: OptionsLayout] = {
        var numbers: [String: Int32] = [:]
        for number: Int32 in 0..<210 { if let name = OperatorCode.name(number) { numbers[name] = number } }
        var all: [Int32: OptionsLayout] = [:]
        for line in table.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let number = numbers[String(words[0])], let union = UInt8(words[1]) else { fatalError("\(line)") }
            all[number] = OptionsLayout(union: union, fields: words.dropFirst(2).map(field))
        }
        return all
    }()

    /// `kind:name` or `kind:name=default`.
    private static func field(_ word: Substring) -> Field {
        let parts = word.split(separator: ":"), sides = parts[1].split(separator: "=")
        return Field(kind: Kind(rawValue: parts[0])!, name: String(sides[0]), missing: sides.count > 1 ? Int(sides[1])! : 0)
    }

    /// From the schema, version 3: operator, number in the union, fields.
    private static let table = """
        CONV_2D 1 byte:padding int:stride_w int:stride_h byte:fused_activation_function int:dilation_w_factor=1 int:dilation_h_factor=1 byte:quantized_bias_type
        DEPTHWISE_CONV_2D 2 byte:padding int:stride_w int:stride_h int:depth_multiplier byte:fused_activation_function int:dilation_w_factor=1 int:dilation_h_factor=1
        AVERAGE_POOL_2D 5 byte:padding int:stride_w int:stride_h int:filter_width int:filter_height byte:fused_activation_function
        MAX_POOL_2D 5 byte:padding int:stride_w int:stride_h int:filter_width int:filter_height byte:fused_activation_function
        L2_POOL_2D 5 byte:padding int:stride_w int:stride_h int:filter_width int:filter_height byte:fused_activation_function
        SVDF 6 int:rank byte:fused_activation_function flag:asymmetric_quantize_inputs
        FULLY_CONNECTED 8 byte:fused_activation_function byte:weights_format flag:keep_num_dims flag:asymmetric_quantize_inputs byte:quantized_bias_type
        SOFTMAX 9 real:beta
        CONCATENATION 10 int:axis byte:fused_activation_function
        ADD 11 byte:fused_activation_function flag:pot_scale_int16=1
        L2_NORMALIZATION 12 byte:fused_activation_function
        RESIZE_BILINEAR 15 flag:align_corners flag:half_pixel_centers
        RESHAPE 17 ints:new_shape
        SPACE_TO_DEPTH 19 int:block_size
        MUL 21 byte:fused_activation_function
        PAD 22
        GATHER 23 int:axis int:batch_dims
        BATCH_TO_SPACE_ND 24
        SPACE_TO_BATCH_ND 25
        TRANSPOSE 26
        MEAN 27 flag:keep_dims
        SUM 27 flag:keep_dims
        REDUCE_MAX 27 flag:keep_dims
        REDUCE_MIN 27 flag:keep_dims
        REDUCE_PROD 27 flag:keep_dims
        REDUCE_ANY 27 flag:keep_dims
        REDUCE_ALL 27 flag:keep_dims
        SUB 28 byte:fused_activation_function flag:pot_scale_int16=1
        DIV 29 byte:fused_activation_function
        SQUEEZE 30 ints:squeeze_dims
        STRIDED_SLICE 32 int:begin_mask int:end_mask int:ellipsis_mask int:new_axis_mask int:shrink_axis_mask flag:offset
        EXP 33
        SPLIT 35 int:num_splits
        LOG_SOFTMAX 36
        CAST 37 byte:in_data_type byte:out_data_type
        DEQUANTIZE 38
        MAXIMUM 39
        MINIMUM 39
        ARG_MAX 40 byte:output_type
        LESS 41
        NEG 42
        PADV2 43
        GREATER 44
        GREATER_EQUAL 45
        LESS_EQUAL 46
        SELECT 47
        SLICE 48
        TRANSPOSE_CONV 49 byte:padding int:stride_w int:stride_h byte:fused_activation_function byte:quantized_bias_type
        TILE 51
        EXPAND_DIMS 52
        EQUAL 53
        NOT_EQUAL 54
        SHAPE 55 byte:out_type
        POW 56
        ARG_MIN 57 byte:output_type
        PACK 59 int:values_count int:axis
        LOGICAL_OR 60
        ONE_HOT 61 int:axis
        LOGICAL_AND 62
        LOGICAL_NOT 63
        UNPACK 64 int:num int:axis
        FLOOR_DIV 65
        SQUARE 66
        ZEROS_LIKE 67
        FILL 68
        FLOOR_MOD 72
        RANGE 73
        RESIZE_NEAREST_NEIGHBOR 74 flag:align_corners flag:half_pixel_centers
        LEAKY_RELU 75 real:alpha
        SQUARED_DIFFERENCE 76
        MIRROR_PAD 77 byte:mode
        ABS 78
        SPLIT_V 79 int:num_splits
        GATHER_ND 83
        COS 84
        WHERE 85
        QUANTIZE 89
        HARD_SWISH 91
        DEPTH_TO_SPACE 94 int:block_size
        SELECT_V2 98
        BATCH_MATMUL 101 flag:adj_x flag:adj_y flag:asymmetric_quantize_inputs
        CUMSUM 102 flag:exclusive flag:reverse
        CALL_ONCE 103 int:init_subgraph_index
        BROADCAST_TO 104
        RFFT2D 105
        VAR_HANDLE 111 text:container text:shared_name
        READ_VARIABLE 112
        ASSIGN_VARIABLE 113
        GELU 116 flag:approximate
        """
}
