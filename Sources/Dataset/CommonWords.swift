/// English words of every day that sound like no other word: what people say besides commands. A network that hears
/// nothing but its words from synthetic voices learns that such a voice is a command.
public enum CommonWords {
    /// `count` words that are none of `words`: one half those most like them, as one writes them, the other half drawn from the rest.
    public static func besides(_ words: [String], count: Int, seed: UInt64 = 1) -> [String] {
        let taken = Set(words.map { $0.lowercased() })
        let left = all.filter { !taken.contains($0) }
        let nearness = left.map { candidate in (candidate, words.map { distance(candidate, $0.lowercased()) }.min() ?? 0) }
        let near = nearness.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(count / 2).map(\.0)
        var generator = Generator(seed)
        var rest = left.filter { !near.contains($0) }
        rest.shuffle(using: &generator)
        return near + rest.prefix(count - near.count)
    }

    /// Levenshtein's, as a part of the longer word.
    static func distance(_ a: String, _ b: String) -> Double {
        let a = Array(a.utf8), b = Array(b.utf8)
        var row = Array(0...b.count)
        for i in a.indices {
            var diagonal = row[0]
            row[0] = i + 1
            for j in b.indices {
                let substituted = diagonal + (a[i] == b[j] ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
            }
        }
        return Double(row[b.count]) / Double(max(a.count, b.count, 1))
    }

    static let all = """
        about above across after again air all almost along also always and animal another answer any apple arm around ask autumn away \
        baby back bag ball bank bath bed before begin behind below best better between big bird black blanket body book both bottle \
        bottom box boy bread breakfast bright bring brother brown bus busy butter call camera can car card carry cat catch chair change \
        cheese child church city clean clear clock close cloud coat coffee cold colour come cook corner could country cover cup cut \
        dance dark day desk dinner dirty doctor dog door dream dress drink drive drop dry each early east easy eat egg eight end enough \
        even evening ever every example face fall family far fast father feel few field fill find finger finish fire first fish five \
        floor follow food foot forest forget friend from front fruit full funny game garden gave get girl give glass gold gone good \
        grass great green ground grow guess half hand happen happy hard hat have head heart heavy hello help her hill him his hold home \
        honey hope horse hospital hot house how hundred hungry ice idea if inside island job joke juice jump just keep key kind king \
        kitchen knife lady lake lamp land language large last late laugh leaf learn leg lemon lesson let letter life lift light like \
        line lip list listen little live lock long look loud love low lunch machine make man many map market marry marvin maybe milk \
        minute mirror money month moon more morning mother mountain mouth move much music must name near neck never new next nice \
        noise north nose nothing now number nurse of often oil old open orange order other our out outside over own page paint paper \
        park party pen people perhaps person phone photo piano picture place plate play please pocket point police poor potato pretty \
        problem pull push put question quick quiet rabbit radio rain reach ready really remember rest rich ring river road roof room \
        round run sad salt same sand say school second seven shall sheep ship shirt shoe shop short should shoulder shout show shut \
        sick side sing sister sit six sky sleep slow small smile snow soap soft some song soon sorry sound soup south speak spoon spring \
        stand star start station stay still stone store story strange street strong student sugar summer sure sweet swim table take \
        talk tall taste taxi teach tell ten than thank that them then these they thing think thirty this those three ticket tiger \
        tired today together tomorrow tonight tooth top touch town toy tree trip trouble true try turn under until use very village \
        visit voice walk wall want warm was wash watch water weather wednesday week well went west wet what when where while white why \
        wide wife will win wind window wine winter wish with woman wonder word work world worry yellow yesterday yet young zero
        """.split(separator: " ").map(String.init)
}
