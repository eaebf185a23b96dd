import KeywordSpotting
import Support

/// The event that answers `describe`: who we are, and which words can be listened for.
///
/// Its data stand behind the line, as the real client writes it: asyncio's readers take no line beyond 64 KiB.
struct Info: ~Copyable {
    private(set) var bytes: [UInt8] = []
    private var line = Line()

    init(_ models: [Spotter], version: StaticString) {
        add("{\"asr\":[],\"tts\":[],\"handle\":[],\"intent\":[],\"mic\":[],\"snd\":[],\"wake\":[")
        artifact("katydid", author: "Katydid", website: nil, description: "Wake words on small boards")
        add("\"version\":\"")
        add(version)
        add("\",\"models\":[")
        var isFirst = true
        for model in models {
            let manifest = model.manifest
            for word in manifest.words {
                if !isFirst { add(",") }
                isFirst = false
                artifact(word.identifier, author: manifest.author, website: manifest.website, description: word.phrase)
                // The manifest's version is that of its format.
                add("\"version\":null,\"phrase\":")
                add(json: word.phrase)
                add(",\"languages\":[")
                for (k, language) in manifest.languages.enumerated() {
                    if k > 0 { add(",") }
                    add(json: language)
                }
                add("]}")
            }
        }
        add("]}]}")
        let data = bytes
        bytes = []
        line.append("{\"type\":\"info\",\"data_length\":")
        line.append(data.count)
        line.append("}\n")
        spill()
        bytes += data
    }

    @inline(never)
    private mutating func artifact(_ name: String, author: String?, website: String?, description: String) {
        add("{\"name\":")
        add(json: name)
        add(",\"attribution\":{\"name\":")
        add(json: author ?? "")
        add(",\"url\":")
        add(json: website ?? "")
        add("},\"installed\":true,\"description\":")
        add(json: description)
        add(",")
    }

    @inline(never)
    private mutating func add(_ text: StaticString) {
        line.append(text)
        spill()
    }

    @inline(never)
    private mutating func add(json text: String) {
        line.append(byte: UInt8(ascii: "\""))
        for byte in text.utf8 {
            line.append(jsonByte: byte)
            spill()
        }
        line.append(byte: UInt8(ascii: "\""))
        spill()
    }

    @inline(never)
    private mutating func spill() {
        for byte in line.bytes { bytes.append(byte) }
        line.clear()
    }
}
