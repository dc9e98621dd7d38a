// Package authority is a test CA for EMV: the payment system whose keys sign issuers' keys, for
// cards that terminals can authenticate offline.
//
//	a, err := authority.Draw(nil, expiry) // once
//	raw, err := a.Encode()                // and kept
//	keys := a.CAKeys(rid)                 // what a terminal is given
//
// It has three keys, of 1152, 1408 and 1984 bits, as payment systems have, since a key signs no
// longer one and a card is spared a long certificate. All payment systems that cards name share
// them: a RID and an index name one.
//
// These are test keys, kept without a password. An [Authority] prints as "Authority(hidden)".
//
// Sources: EMV 4.3 Book 2, 5.1 and 11.2.1 (keys of a payment system), annex D (lengths).
package authority
