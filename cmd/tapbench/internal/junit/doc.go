// Package junit writes test results as JUnit's XML, which CI systems read.
//
//	report := &junit.Report{Suites: []junit.Suite{{Name: "tap.apdu", Cases: cases}}}
//	err := report.Write(file)
//
// The form is the one that Jenkins, GitLab and GitHub's actions have in common: testsuites,
// testsuite, testcase with failure, error or skipped. It has no official schema; what is written is
// a part of Jenkins's junit-10.xsd. Neither host nor date are written.
package junit
