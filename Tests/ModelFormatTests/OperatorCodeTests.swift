import ModelFormat
import Testing

@Suite struct OperatorCodeTests {
    /// Numbers of the schema, of both ends and around what is written short.
    @Test(arguments: [
        (-1, nil), (0, "ADD"), (3, "CONV_2D"), (32, "CUSTOM"), (161, "RIGHT_SHIFT"), (162, "STABLEHLO_LOGISTIC"), (203, "DILATE"),
        (204, "STABLEHLO_RNG_BIT_GENERATOR"), (205, "REDUCE_WINDOW"), (209, "STABLEHLO_CASE"), (210, nil),
    ] as [(Int32, String?)])
    func nameOfANumber(_ number: Int32, _ name: String?) { #expect(OperatorCode.name(number) == name) }
}
