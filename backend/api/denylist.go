package api

// PathDenyList gives terminals the list of offline tokens that they must refuse. Its clients need
// no certificate: the list is signed, and says nothing to who doesn't know a token.
const PathDenyList = "/v1/merchant/denylist"

// maxDenyList is more than the largest list needs: 8 MiB, in base 64.
const maxDenyList = 12 << 20

// DenyListRequest asks for what leads from a list to the newest one, on PathDenyList.
type DenyListRequest struct {
	Have uint32 `json:"have"` // serial of the list that the terminal has, 0 for none
}

// DenyListResponse brings a whole list or a delta, as package denylist encodes them; nothing if the
// terminal has the newest.
type DenyListResponse struct {
	List []byte `json:"list,omitempty"`
}
