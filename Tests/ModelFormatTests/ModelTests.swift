import CLinux
import GoldenFiles
import ModelFormat
import Support
import Testing

@Suite struct ModelTests {
    private func golden(_ name: String) -> String { "\(Golden.folder)/operators/\(name).tflite" }

    /// Reads `bytes` as a model and gives what `body` makes of it.
    private func withModel<Result>(_ bytes: [UInt8], _ body: (Model) throws -> Result) throws -> Result {
        try bytes.withUnsafeBytes { raw in
            try body(try Model(MappedFile(borrowing: raw), path: "model"))
        }
    }

    @Test func tensorsAndOperatorsAreListed() throws {
        let model = try Model(path: golden("conv_2d_int8_same"))
        #expect(model.path == golden("conv_2d_int8_same"))
        #expect(model.byteCount == (try Golden.bytes(golden("conv_2d_int8_same"))).count)
        try #require(model.subgraphs.count == 1)
        let graph = model.subgraphs[0]
        try #require(graph.operators.count == 1 && graph.tensors.count == 4)
        let conv = graph.operators[0]
        #expect(conv.code.name == "CONV_2D" && conv.code.number == 3 && conv.version == 3)
        #expect(conv.inputs == [0, 2, 3] && conv.outputs == [1])
        #expect(graph.inputs == [0] && graph.outputs == [1])
        #expect(try conv.choice(0) == 0)  // SAME
        #expect(try conv.option(1) == 1 && conv.option(2) == 1)
        #expect(try conv.option(4, 1) == 1 && conv.option(5, 1) == 1)

        let input = graph.tensors[0], weights = graph.tensors[2], bias = graph.tensors[3]
        #expect(input.shape == [1, 7, 6, 3] && input.type == .int8 && input.data == nil && input.count == 126)
        #expect(input.quantization.scale == 0.03 && input.quantization.zeroPoint == -3 && !input.quantization.isPerChannel)
        #expect(weights.shape == [5, 3, 3, 3] && weights.data?.count == 135 && weights.byteCount == 135)
        #expect(weights.quantization.isPerChannel && weights.quantization.scales.count == 5 && weights.quantization.axis == 0)
        #expect(bias.type == .int32 && bias.byteCount == 20 && bias.data?.count == 20)
        #expect(input.name == "t0" && bias.name == "t3")
    }

    @Test func optionalInputsAndDefaults() throws {
        let dense = try Model(path: golden("fully_connected_int8_no_bias")).subgraphs[0].operators[0]
        #expect(dense.inputs.count == 3 && dense.inputs[2] == -1)
        let relu = try Model(path: golden("relu_int8")).subgraphs[0].operators[0]
        #expect(relu.options == nil)
        #expect(try relu.option(0, 5) == 5 && relu.choice(1, 3) == 3 && relu.real(2, 0.5) == 0.5 && !relu.flag(3))
    }

    @Test func graphsThatInitialiseAreListed() throws {
        let model = try Model(path: golden("variable_ring"))
        #expect(model.subgraphs.count == 2)
        #expect(model.subgraphs[0].operators.map(\.code.name).contains("CALL_ONCE"))
        #expect(model.subgraphs[1].operators.map(\.code.name) == ["VAR_HANDLE", "ASSIGN_VARIABLE"])
        let handle = model.subgraphs[1].operators[0]
        #expect(model.subgraphs[1].tensors[handle.outputs[0]].type == .resource)
        #expect(try handle.options?.text(1).string == "history")
    }

    /// Every operator of the list that users are promised stands in the golden models under its name.
    @Test func codesHaveTheSchemasNames() throws {
        for (file, name) in [
            ("add_int8", "ADD"), ("mean_int8_hw", "MEAN"), ("split_v_int8", "SPLIT_V"), ("hard_swish_int8", "HARD_SWISH"),
            ("leaky_relu_int8", "LEAKY_RELU"), ("quantize_int8_to_uint8", "QUANTIZE"), ("cast_bool_to_int32", "CAST"),
            ("unpack_int8", "UNPACK"), ("gather_int8", "GATHER"), ("strided_slice_int8", "STRIDED_SLICE"),
        ] {
            #expect(try Model(path: golden(file)).subgraphs[0].operators[0].code.name == name)
        }
    }

    private func failure(_ bytes: [UInt8]) throws -> Failure? {
        do { try withModel(bytes) { _ in } } catch let failure as Failure { return failure }
        return nil
    }

    @Test func whatIsNoModelIsTold() throws {
        let good = try Golden.bytes(golden("relu_int8"))
        #expect(try failure(good) == nil)
        var wrong = good
        wrong[4] = UInt8(ascii: "X")
        #expect(try failure(wrong)?.why == "not a TensorFlow Lite model (no TFL3 mark)")
        #expect(try failure(Array("{}".utf8))?.why == "not a TensorFlow Lite model (no TFL3 mark)")
        for path in [Golden.folder, "/nowhere/model.tflite"] {
            let failure = #expect(throws: Failure.self) { _ = try Model(path: path) }
            #expect(failure?.status == .noInput && failure?.what == path)
        }
    }

    /// Whatever is cut off, reading ends with a model or one line, never with a crash.
    @Test func truncatedModelsAreToldOrWhole() throws {
        let good = try Golden.bytes(golden("variable_ring"))
        var told = 0
        for count in stride(from: 1, to: good.count, by: 7) {
            if let failure = try failure(Array(good.prefix(count))) {
                told += 1
                #expect(failure.status == .data && !failure.why.isEmpty && !failure.remedy.isEmpty)
            }
        }
        #expect(told > good.count / 7 / 2)
    }

    @Test(arguments: 0..<50) func damagedModelsAreToldOrRead(_ seed: Int) throws {
        var bytes = try Golden.bytes(golden("conv_2d_int8_grouped"))
        var state = UInt32(seed)
        for _ in 0..<8 {
            state = state &* 1_664_525 &+ 1_013_904_223
            bytes[Int(state >> 8) % bytes.count] ^= UInt8(1 << (state >> 29))
        }
        if let failure = try failure(bytes) {
            #expect(failure.status == .data && !failure.remedy.isEmpty)
        } else {
            try withModel(bytes) { model in
                for graph in model.subgraphs {
                    for op in graph.operators { #expect(op.inputs.allSatisfy { $0 < graph.tensors.count }) }
                }
            }
        }
    }
}
