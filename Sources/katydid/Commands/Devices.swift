import Support
func devices() throws(Failure) {}
