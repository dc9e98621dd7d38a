// Package api holds the requests and responses that wallet, TSM and banks exchange over HTTPS, and
// how a refusal looks ([Problem]). It has types and their bounds, no behaviour.
//
// Every request is a POST of one JSON object to the path named beside its type; byte strings are
// base64 (encoding/json's form of []byte). Unknown fields are refused, a request has at most
// [MaxRequest] bytes, an answer [MaxBody]. The protocol's messages travel in it as they are: the
// JSON around them is no part of any signature or transcript.
//
// A request that is sent again with the same bytes gets the first answer again, where the type's
// comment says "repeatable".
package api
