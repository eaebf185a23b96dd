/// A different kind of sound each second, from integer arithmetic alone: the same samples as
/// Tests/Golden/frontend_signal.py.
enum TestSignal {
    static let rate = 16000
    private static let hertz = 268435

    private static func mix(_ seed: UInt32) -> UInt32 {
        var x = seed
        x ^= x >> 16
        x = x &* 0x7FEB_352D
        x ^= x >> 15
        x = x &* 0x846C_A68B
        return x ^ (x >> 16)
    }

    private static func noise(_ n: Int) -> Int { Int(mix(UInt32(n) ^ 0x9E37_79B9) >> 16) - 32768 }

    private static func wave(_ phase: Int) -> Int {
        let x = ((phase & 0xFFFF_FFFF) >> 16) - 32768
        return min((x * (32768 - abs(x))) >> 13, 32767)
    }

    /// [16000] of one second.
    static func second(_ number: Int) -> [Int16] {
        let a = Int(mix(UInt32(number * 16 + 1)))
        let b = Int(mix(UInt32(number * 16 + 2)))
        let c = Int(mix(UInt32(number * 16 + 3)))
        let loudness = 32767 >> (a % 11)

        func voiced(_ i: Int, _ hiss: Int) -> Int {
            let turn = hertz * (80 + b % 180) * i
            var voice = wave(turn) + (wave(2 * turn) >> 1) + (wave(3 * turn) >> 1)
            voice += (wave(5 * turn) >> 2) + (wave(9 * turn) >> 3)
            let envelope = (wave(hertz * (2 + c % 5) * i) + 32768) >> 1
            return (((((voice >> 1) * envelope) >> 15) + (hiss >> 9)) * loudness) >> 15
        }

        return (0..<rate).map { i in
            let hiss = noise(number * rate + i)
            let x =
                switch number % 13 {
                case 0: 0
                case 1: (wave(hertz * (50 + b % 200) * i + (c % 60000) * i * i) * loudness) >> 15
                case 2: (hiss * loudness) >> 15
                case 3: voiced(i, hiss)
                case 4: wave(hertz * (60 + b % 7000) * i) * 8
                case 5: (b % 65536) - 32768 + (hiss >> 13)
                case 6: i % (1 + b % 2000) == 0 ? (c & 1 == 1 ? -32768 : 32767) : 0
                case 7: (i / (1 + b % 400)) & 1 == 1 ? 32767 : -32768
                case 8: i & 1 == 1 ? -32768 : 32767
                case 9: (i / (100 + b % 3000)) & 1 == 1 ? hiss : hiss >> 12
                case 10: hiss >> (11 + b % 5)
                case 11: ((wave(hertz * (100 + b % 3000) * i) + wave(hertz * (100 + c % 7000) * i)) * loudness) >> 16
                default: ((((i * (1 + b % 300)) & 65535) - 32768) * loudness) >> 15
                }
            return Int16(min(32767, max(-32768, x)))
        }
    }
}
