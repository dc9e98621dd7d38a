package emv

// The instructions of EMV that tapbench's own cards don't have (EMV 4.3 Book 3, 6.5); the others
// are in wire. Those of scripts have class 8C or 84.
const (
	InsCardBlock            byte = 0x16
	InsApplicationUnblock   byte = 0x18
	InsApplicationBlock     byte = 0x1E
	InsVerify               byte = 0x20
	InsPINChange            byte = 0x24 // PIN CHANGE/UNBLOCK
	InsInternalAuthenticate byte = 0x88
)
