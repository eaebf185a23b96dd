import Support
func listen() throws(Failure) {}
