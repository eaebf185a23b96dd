import Support
func selfTest() throws(Failure) {}
