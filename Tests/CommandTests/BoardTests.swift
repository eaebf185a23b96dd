import CLinux
import Microphones
import Testing

/// Every file of Boards/, by what the device trees of its boards say.
@Suite struct BoardTests {
    private func devices(_ compatible: [String], boards: String = packageFolder + "/Boards") -> Outcome {
        let tree = memoryFile("compatible", compatible.flatMap { Array($0.utf8) + [0] })
        return Katydid(["devices"], with: ["KATYDID_BOARDS=\(boards)", "KATYDID_COMPATIBLE=\(tree)"]).wait()
    }

    @Test(arguments: [
        (["raspberrypi,model-zero-2-w", "brcm,bcm2837"], "Raspberry Pi Zero 2 W, Cortex-A53: NEON", "pinctrl-bcm2835"),
        (["raspberrypi,3-model-b", "brcm,bcm2837"], "Raspberry Pi 3 Model B, Cortex-A53: NEON", "pinctrl-bcm2835"),
        (["raspberrypi,3-model-b-plus", "brcm,bcm2837"], "Raspberry Pi 3 Model B Plus, Cortex-A53: NEON", "pinctrl-bcm2835"),
        (["raspberrypi,4-model-b", "brcm,bcm2711"], "Raspberry Pi 4 Model B, Cortex-A72: NEON", "pinctrl-bcm2711"),
        (["raspberrypi,5-model-b", "brcm,bcm2712"], "Raspberry Pi 5, Cortex-A76: NEON, dot products", "pinctrl-rp1"),
        (["xunlong,orangepi-zero3", "allwinner,sun50i-h618"], "Orange Pi Zero 3, Cortex-A53: NEON", "300b000.pinctrl"),
        (["radxa,zero-3w", "rockchip,rk3566"], "Radxa ZERO 3, Cortex-A55: NEON, dot products", "gpio3"),
        (["radxa,zero-3e", "rockchip,rk3566"], "Radxa ZERO 3, Cortex-A55: NEON, dot products", "gpio3"),
        (["linux,dummy-virt"], "QEMU's virt machine, as QEMU was told", "9030000.pl061"),
        (["-"], "a PC, x86-64: AVX2, AVX-512 VNNI", "none, or that of a USB adapter"),
    ])
    func recognised(compatible: [String], board: String, chip: String) {
        let outcome = devices(compatible)
        #expect(outcome.status == 0)
        #expect(outcome.output.hasPrefix("Board: \(board)\n  GPIO: \(chip); lines "), "\(outcome.output)")
    }

    @Test func unknownBoardsAndFilesAreNoObstacle() {
        #expect(devices(["somebody,something"]).output.hasPrefix("Microphones"))
        #expect(devices(["-"], boards: "/nowhere").output.hasPrefix("Microphones"))
        let folder = Folder()
        _ = folder.write("broken.ini", "[board]\nname = X\ncompatible = a,b\nnonsense = 1\n")
        #expect(devices(["a,b"], boards: folder.path).output.hasPrefix("Microphones"))
    }
}
