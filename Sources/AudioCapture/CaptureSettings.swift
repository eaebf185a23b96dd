import Support

/// How a device is to be captured from.
public struct CaptureSettings: Sendable {
    /// libasound's name: `default`, `plughw:CARD=Device,DEV=0`.
    public var device = "default"
    /// How often sound is asked for, and how much of it the kernel may hold back for us, in ms.
    public var period = 20
    public var buffer = 400

    public static let periods = 5...100
    public static let buffers = 40...5000

    public init(device: String = "default") { self.device = device }

    public func isSame(as other: CaptureSettings) -> Bool {
        device.isSame(as: other.device) && period == other.period && buffer == other.buffer
    }
}
