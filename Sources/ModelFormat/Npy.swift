import CLinux
import Support

/// NumPy's array file (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), versions 1 to 3.
public struct Npy {
    public let type: ElementType
    public let shape: [Int]
    /// Elements in C order, as they stand in the file.
    public nonisolated(unsafe) let data: UnsafeRawBufferPointer

    public static func isNpy(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 10 && bytes[0] == 0x93 && memcmp(bytes.baseAddress! + 1, "NUMPY", 5) == 0
    }

    public init(_ bytes: UnsafeRawBufferPointer, path: String) throws(Failure) {
        func bad(_ why: Message) -> Failure { Failure(.data, "\(path)", why, "save it again with numpy.save") }
        guard Self.isNpy(bytes) else { throw bad("not a .npy file") }
        let long = bytes[6] > 1
        let start = long ? 12 : 10
        guard bytes.count >= start else { throw bad("the header is cut short") }
        let length = Int(bytes[8]) | Int(bytes[9]) << 8 | (long ? Int(bytes[10]) << 16 | Int(bytes[11]) << 24 : 0)
        guard length <= bytes.count - start else { throw bad("the header is cut short") }
        let header = Header(bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<start + length]))

        guard let order = header.value(of: "'fortran_order':"), let first = order.first, first == UInt8(ascii: "F") else {
            throw bad("the array is stored by columns")
        }
        guard let descriptor = header.value(of: "'descr':"), let type = Self.type(descriptor) else {
            throw bad("its element type is not supported")
        }
        guard let dimensions = header.value(of: "'shape':"), let shape = Self.shape(dimensions) else {
            throw bad("the shape is not readable")
        }
        var count = 1
        for n in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: n)
            guard !overflow, product <= Tensor.maximumBytes else { throw bad("the shape is impossibly large") }
            count = product
        }
        let payload = bytes.count - start - length
        guard payload >= type.bytes(count) else { throw bad("has \(payload) bytes of \(type.bytes(count))") }
        self.type = type
        self.shape = shape
        data = UnsafeRawBufferPointer(rebasing: bytes[(start + length)..<(start + length + type.bytes(count))])
    }

    /// The header is a Python dictionary in one line: values are found behind their keys.
    private struct Header {
        let bytes: UnsafeRawBufferPointer

        func value(of key: StaticString) -> ArraySlice<UInt8>? {
            let n = key.utf8CodeUnitCount
            guard bytes.count > n else { return nil }
            for i in 0..<bytes.count - n where memcmp(bytes.baseAddress! + i, key.utf8Start, n) == 0 {
                var start = i + n
                while start < bytes.count && bytes[start] == 32 { start += 1 }
                return Array(bytes[start...])[...]
            }
            return nil
        }
    }

    private static func type(_ descriptor: ArraySlice<UInt8>) -> ElementType? {
        let d = Array(descriptor.prefix(5))
        guard d.count == 5, d[0] == 39, d[4] == 39, d[1] != UInt8(ascii: ">") else { return nil }
        switch (d[2], d[3]) {
        case (UInt8(ascii: "f"), UInt8(ascii: "4")): return .float32
        case (UInt8(ascii: "f"), UInt8(ascii: "2")): return .float16
        case (UInt8(ascii: "i"), UInt8(ascii: "1")): return .int8
        case (UInt8(ascii: "u"), UInt8(ascii: "1")): return .uint8
        case (UInt8(ascii: "b"), UInt8(ascii: "1")): return .bool
        case (UInt8(ascii: "i"), UInt8(ascii: "2")): return .int16
        case (UInt8(ascii: "i"), UInt8(ascii: "4")): return .int32
        case (UInt8(ascii: "i"), UInt8(ascii: "8")): return .int64
        default: return nil
        }
    }

    private static func shape(_ text: ArraySlice<UInt8>) -> [Int]? {
        guard text.first == UInt8(ascii: "(") else { return nil }
        var shape: [Int] = []
        var number: Int?
        for byte in text.dropFirst() {
            switch byte {
            case 48...57:
                number = (number ?? 0) * 10 + Int(byte - 48)
                if number! > Tensor.maximumBytes { return nil }
            case UInt8(ascii: ","), UInt8(ascii: ")"):
                if let n = number { shape.append(n) }
                number = nil
                if byte == UInt8(ascii: ")") { return shape }
            case 32, UInt8(ascii: "L"): break
            default: return nil
            }
        }
        return nil
    }

    /// Writes `parts`, one behind the other, as one array of `shape`.
    public static func write(_ path: String, _ type: ElementType, _ shape: [Int], _ parts: [UnsafeRawBufferPointer]) throws(Failure) {
        let code: String
        switch type {
        case .float32: code = "<f4"
        case .int8: code = "|i1"
        case .uint8: code = "|u1"
        case .bool: code = "|b1"
        case .int16: code = "<i2"
        case .int32: code = "<i4"
        case .int64: code = "<i8"
        default: throw Failure(.data, "\(path)", "a tensor of \(type.name) has no .npy form here", "write it raw: name the file .raw")
        }
        var dimensions = ""
        for n in shape { dimensions += "\(n)," }
        var header = "{'descr': '\(code)', 'fortran_order': False, 'shape': (\(dimensions)), }"
        while (10 + header.utf8.count + 1) % 64 != 0 { header += " " }
        header += "\n"
        var bytes: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0]
        bytes.append(UInt8(header.utf8.count & 255))
        bytes.append(UInt8(header.utf8.count >> 8))
        bytes += Array(header.utf8)
        let failure: Failure? = bytes.withUnsafeBytes { head in
            do throws(Failure) {
                try writeFile(path, [head] + parts)
                return nil
            } catch { return error }
        }
        if let failure { throw failure }
    }
}
