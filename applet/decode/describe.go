package decode

// Describe returns the value in words.
func Describe(f Field, value []byte) string { return "" }
