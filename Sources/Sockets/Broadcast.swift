import Support

/// Lines for whoever connects; what clients send is thrown away. Allocates nothing after `init`.
public final class Broadcast: Server {
    public init(_ address: String) throws(Failure) { try super.init(address: address, clients: 8, room: 4 * Line.capacity) }

    /// What stands in `line`, ended.
    public func send(_ line: borrowing Line) { for client in clients { client.send(line.ended) } }
}
