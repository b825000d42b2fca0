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

// Messages are read one by one, each by its type: in the types of payloads, one type has the fields of all known kinds.
func read(document string, input []byte) (interface{}, error) {
	switch document {
	case "poll":
		return each(input)
	case "job":
		return readJob(input)
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
	case "initial_account_link":
		return as[InitialAccountLinkMessage](input)
	case "tfa":
		return as[TfaMessage](input)
	case "tfa_message":
		return as[TfaMessageMessage](input)
	case "security":
		return as[SecurityMessage](input)
	case "tfa_response":
		return as[TfaResponseMessage](input)
	case "credential_response":
		return as[CredentialResponseMessage](input)
	}
	return as[UnknownMessage](input)
}

func each(input []byte) ([]interface{}, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(input, &raw); err != nil {
		return nil, err
	}
	messages := []interface{}{}
	for _, one := range raw {
		message, err := read("message", one)
		if err != nil {
			return nil, err
		}
		messages = append(messages, message)
	}
	return messages, nil
}

func readJob(input []byte) (interface{}, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(input, &fields); err != nil {
		return nil, err
	}
	requests, has := fields["credential_requests"]
	delete(fields, "credential_requests")
	others, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	job, err := as[JobEntity](others)
	if err != nil || !has {
		return job, err
	}
	messages, err := each(requests)
	return struct {
		JobEntity
		Requests []interface{} `json:"credential_requests,omitempty"`
	}{*job, messages}, err
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
