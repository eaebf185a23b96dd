import Support

extension Configuration {
    /// Reads `katydid.conf`, an INI file whose keys `Section` knows.
    ///
    ///     [model okay_nabu]
    ///     file = /usr/share/katydid/models/okay_nabu.json
    ///     [output lamp]
    ///     line = GPIO17
    ///     on = okay_nabu
    ///
    /// Throws `Failure` that says the line and what is wrong with it.
    init(path: String) throws(Failure) {
        self.init()
        let file = try IniFile(path)
        var section: Section?
        for (i, entry) in file.entries.enumerated() {
            do throws(Failure) {
                if section == nil || section?.name.isSame(as: entry.section) == false {
                    try section?.finish(&self)
                    section = try Section(entry.section)
                }
                try section?.set(entry.key, entry.value, &self)
            } catch {
                throw Failure(.configuration, "\(path):\(file.line(of: i)): \(error.what)", "\(error.why)", "\(error.remedy)")
            }
        }
        do throws(Failure) { try section?.finish(&self) } catch {
            throw Failure(.configuration, "\(path): \(error.what)", "\(error.why)", "\(error.remedy)")
        }
    }
}
