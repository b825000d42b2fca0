// Reads each line of the corpus with the generated types, and writes it back.
package main

import (
	"bufio"
	"encoding/json"
	"os"
)

type line struct {
	Name     string          `json:"name"`
	Document string          `json:"document"`
	Input    json.RawMessage `json:"input"`
}

type result struct {
	Name   string      `json:"name"`
	Output interface{} `json:"output,omitempty"`
	Error  string      `json:"error,omitempty"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var line line
		must(json.Unmarshal(lines.Bytes(), &line))
		value, err := read(line.Document, line.Input)
		if err != nil {
			must(out.Encode(result{Name: line.Name, Error: err.Error()}))
		} else {
			must(out.Encode(result{Name: line.Name, Output: value}))
		}
	}
	must(lines.Err())
}

func read(document string, input []byte) (interface{}, error) {
	switch document {
	case "poll":
		return as[Poll](input)
	case "job":
		return as[JobEntity](input)
	case "notification":
		return as[Notification](input)
	}
	var message struct{ Type string }
	if err := json.Unmarshal(input, &message); err != nil {
		return nil, err
	}
	switch message.Type {
	case "job_status":
		return as[JobStatusMessage](input)
	case "tfa_request":
		return as[TfaRequestMessage](input)
	case "credential_request":
		return as[CredentialRequestMessage](input)
	case "tfa_response":
		return as[TfaResponseMessage](input)
	case "credential_response":
		return as[CredentialResponseMessage](input)
	}
	return as[UnknownMessage](input)
}

func as[T any](input []byte) (*T, error) {
	value := new(T)
	return value, json.Unmarshal(input, value)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
