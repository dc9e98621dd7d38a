// Command gen writes what is derived of package profile: docs/profile.schema.json, for editors, and
// the tables of docs/profiles.md. Names, bounds and words are [profile.ShapeOf]'s, descriptions the
// comments of the fields.
package main
