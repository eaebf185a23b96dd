import Support

/// A family of networks and how large to make one of it.
public struct Architecture: Codable, Sendable, Equatable {
    public enum Family: String, Codable, Sendable, CaseIterable {
        case dsCNN = "ds-cnn"
        case bcResNet = "bc-resnet"
        case tcResNet = "tc-resnet"
        case matchboxNet = "matchboxnet"
        case kwt
        case mixedNet = "mixednet"
    }

    public var family: Family
    /// Channels of the usual layer for ds-cnn, matchboxnet, kwt and mixednet; percent of the paper's smallest for bc-resnet and tc-resnet.
    public var width: Int
    /// Blocks, where the family lets choose; 0: as many as its paper has.
    public var depth: Int
    public var dropout: Float
    /// Bands of bc-resnet's sub-spectral normalisation (the paper has 5); 1: batch normalisation, which folds away.
    public var bands: Int
    /// Of the first windows over time of a bc-resnet. VALID ones hear nothing but sound, so that what they make of a frame is the same wherever in
    /// the window it stands, and need not be computed again when the window moves.
    public var padding: Padding

    public init(_ family: Family, width: Int, depth: Int = 0, dropout: Float = 0.1, bands: Int = 1, padding: Padding = .same) {
        self.family = family
        self.width = width
        self.depth = depth
        self.dropout = dropout
        self.bands = bands
        self.padding = padding
    }

    /// For features [frames, channels] (49 × 40) and so many classes. The last node gives logits.
    public func nodes(frames: Int, channels: Int, classes: Int) throws(Failure) -> [Node] {
        guard width > 0, depth >= 0, (0..<1).contains(dropout), bands > 0, classes > 1 else {
            throw Failure(.data, "architecture \(family.rawValue)", "width, depth, bands and classes must be positive, dropout below 1", "correct the recipe")
        }
        switch family {
        case .dsCNN: return Self.dsCNN(frames, channels, classes, width: width, depth: depth > 0 ? depth : 4, dropout: dropout)
        case .bcResNet: return Self.bcResNet(frames, channels, classes, width: width, dropout: dropout, bands: bands, padding: padding)
        case .tcResNet: return Self.tcResNet(frames, channels, classes, width: width, dropout: dropout)
        case .matchboxNet: return Self.matchboxNet(frames, channels, classes, width: width, depth: depth > 0 ? depth : 3, dropout: dropout)
        case .kwt: return Self.kwt(frames, channels, classes, width: width, depth: depth > 0 ? depth : 12, dropout: dropout)
        case .mixedNet: return Self.mixedNet(frames, channels, classes, width: width, depth: depth > 0 ? depth : 4, dropout: dropout)
        }
    }
}
