package decode

import (
	"strconv"

	"tapbench/pcsc/apdu"
)

// StatusText returns what a status word says, such as "file or application not found", with the
// number that 61xx, 63Cx and 6Cxx carry; "" for one that no standard names.
func StatusText(sw apdu.SW) string {
	if tries, ok := sw.Counter(); ok {
		return "counter is " + strconv.Itoa(tries) + ", after a wrong PIN the tries that are left"
	}
	if sw == 0x6310 { // GET STATUS's (GlobalPlatform Card Specification 2.3.1, 11.4.3.2)
		return "more data available"
	}
	return sw.Name()
}
