package emv_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"tapbench/applet/emv"
)

// The payment of the vectors: 12.50 EUR on 2026-11-21 in Germany at TAPBENCH SHOP01, UN 01020304.
const (
	vectorMasterKey = "000102030405060708090a0b0c0d0e0f"
	vectorSession   = "9eb1b63c7efe31c9a46bb987baaf3908"
	vectorCDOL1     = "000000001250000000000000027680000000000978261121000102030422" +
		"54415042454e43482053484f503031"
	vectorATC  = "0001"
	vectorARQC = "648de34b3113862a"
	vectorARPC = "544551aa"
	vectorTC   = "0d55e7a9ef9c2f9c"
)

// The values were computed with OpenSSL 3.0, not with this package. With MK, SK, D as above:
//
//	printf 00010000000000000000000000000000 | xxd -r -p | openssl enc -aes-128-ecb -nopad -K $MK
//	printf ${D}18010001 06015400000000 | xxd -r -p | openssl mac -cipher AES-128-CBC \
//	  -macopt hexkey:$SK CMAC
//	printf ${ARQC}00820000 | xxd -r -p | openssl mac … (the same)
//	printf ${D}3030${ARPC}00820000800000000001020304 18010001 06015480000000 | … (the same)
func TestCryptogramVectors(t *testing.T) {
	sk := emv.SessionKey(emv.MasterKey(unhex(t, vectorMasterKey)), 1)
	if got := hex.EncodeToString(sk[:]); got != vectorSession {
		t.Fatalf("SessionKey(…, 1): got %s, want %s", got, vectorSession)
	}
	cdol1, aip, atc := unhex(t, vectorCDOL1), emv.AIP(), unhex(t, vectorATC)
	iad := emv.IAD(emv.CVRNone)
	arqc := emv.Cryptogram(sk, cdol1, aip[:], atc, iad[:])
	if got := hex.EncodeToString(arqc[:]); got != vectorARQC {
		t.Errorf("ARQC: got %s, want %s", got, vectorARQC)
	}
	arpc := emv.ARPC(sk, arqc, emv.CSUApproved())
	if got := hex.EncodeToString(arpc[:]); got != vectorARPC {
		t.Errorf("ARPC: got %s, want %s", got, vectorARPC)
	}
	cdol2 := emv.CDOL2Data{
		ARC: [2]byte{'0', '0'}, IssuerAuth: emv.IssuerAuth(arpc, emv.CSUApproved()),
		TVR: [5]byte{0x80}, UN: [4]byte{1, 2, 3, 4},
	}
	iad = emv.IAD(emv.CVRIssuerAuthenticated)
	tc := emv.Cryptogram(sk, cdol1, cdol2.Encode(), aip[:], atc, iad[:])
	if got := hex.EncodeToString(tc[:]); got != vectorTC {
		t.Errorf("TC: got %s, want %s", got, vectorTC)
	}
}

func TestParseIAD(t *testing.T) {
	for _, bad := range []string{
		"", "060154000000", "0601540000000000", "07015400000000", "06025400000000", "06015300000000",
	} {
		if _, err := emv.ParseIAD(unhex(t, bad)); !errors.Is(err, emv.ErrData) {
			t.Errorf("ParseIAD(%s): got error %v, want %v", bad, err, emv.ErrData)
		}
	}
	iad := emv.IAD(emv.CVRIssuerAuthFailed)
	if cvr, err := emv.ParseIAD(iad[:]); err != nil || cvr != emv.CVRIssuerAuthFailed {
		t.Errorf("ParseIAD(% X): got %08X, %v", iad, cvr, err)
	}
}

func TestCSU(t *testing.T) {
	if !emv.Approves(emv.CSUApproved()) || emv.Approves(emv.CSUDeclined()) {
		t.Error("Approves contradicts CSUApproved or CSUDeclined")
	}
	if emv.Approves([4]byte{0xFF, 0x7F, 0xFF, 0xFF}) {
		t.Error("Approves looks at another bit than byte 2 bit 8")
	}
}

func TestMasterKeyIsHidden(t *testing.T) {
	key := emv.MasterKey(unhex(t, vectorMasterKey))
	raw, err := json.Marshal(map[string]any{"key": key})
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("%s %v %+v %#v %x %X %q %d %s", key, key, key, key, key, key, key, key, raw)
	for _, leak := range []string{"0405", "04 05", "4 5", "0x4, 0x5"} {
		if strings.Contains(text, leak) {
			t.Errorf("the key shows as %s", text)
		}
	}
	if revealed := key.Reveal(); hex.EncodeToString(revealed[:]) != vectorMasterKey {
		t.Error("Reveal gives another key")
	}
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
