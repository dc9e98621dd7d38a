package iso14443

// blockKind is the kind of a block (ISO/IEC 14443-4:2018, 7.1).
type blockKind byte

const (
	notABlock blockKind = iota
	blockI
	blockACK
	blockNAK
	blockDESELECT
	blockWTX
)

// The bits of the protocol control byte.
const (
	pcbNumber = 0x01
	pcbNAD    = 0x04
	pcbCID    = 0x08
	pcbMore   = 0x10
	pcbI      = 0x02
	pcbACK    = 0xA2
	pcbNAK    = 0xB2
	pcbDesel  = 0xC2
	pcbWTX    = 0xF2
)

// block is a block without its CRC.
type block struct {
	kind   blockKind
	number byte // 0 or 1, of I- and R-blocks
	more   bool // an I-block that another one continues
	cid    int  // 0 to 14, or -1 if the block names none
	inf    []byte
}

// kindOf returns the kind of a block by its protocol control byte.
func kindOf(pcb byte) blockKind {
	switch {
	case pcb&0xE2 == pcbI:
		return blockI
	case pcb&0xF6 == pcbACK:
		return blockACK
	case pcb&0xF6 == pcbNAK:
		return blockNAK
	case pcb&0xF7 == pcbDesel:
		return blockDESELECT
	case pcb&0xF7 == pcbWTX:
		return blockWTX
	default:
		return notABlock
	}
}

// parseBlock reads a block without CRC; what isn't one has the kind notABlock. inf aliases b.
func parseBlock(b []byte) block {
	if len(b) == 0 {
		return block{}
	}
	found := block{kind: kindOf(b[0]), number: b[0] & pcbNumber, cid: -1}
	rest := b[1:]
	if b[0]&pcbCID != 0 && found.kind != notABlock {
		if len(rest) == 0 {
			return block{}
		}
		found.cid = int(rest[0] & 0x0F)
		rest = rest[1:]
	}
	if found.kind != blockI {
		found.inf = rest
		return found
	}
	found.more = b[0]&pcbMore != 0
	if b[0]&pcbNAD != 0 {
		if len(rest) == 0 {
			return block{}
		}
		rest = rest[1:]
	}
	found.inf = rest
	return found
}
