// Says what compose-go, the library under `docker compose`, makes of compose files.
//
//	compose FILE…   prints one canonical model as JSON: project name "p", every profile on,
//	                the process's environment and .env read; exit code 1 where it is refused
//	compose --lines answers questions, one JSON object a line, with one line each: what a
//	                comparison of thousands of files asks
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/sirupsen/logrus"
)

// question names files on disk and how they are read.
type question struct {
	Files []string `json:"files"`
	// Dir is what the files are relative to; empty: the first one's folder.
	Dir string `json:"dir"`
	// Name is -p; empty: not given.
	Name     string   `json:"name"`
	Profiles []string `json:"profiles"`
	// Env is NAME=VALUE; nothing of the process's own is read.
	Env []string `json:"env"`
}

type answer struct {
	Model json.RawMessage `json:"model,omitempty"`
	Error string          `json:"error,omitempty"`
}

func load(q question, environment cli.ProjectOptionsFn) ([]byte, error) {
	options := []cli.ProjectOptionsFn{environment}
	if q.Dir != "" {
		options = append(options, cli.WithWorkingDirectory(q.Dir))
	}
	// WithEnvFiles is needed: without it no .env is read.
	options = append(options, cli.WithEnvFiles(), cli.WithDotEnv, cli.WithProfiles(q.Profiles))
	if q.Name != "" {
		options = append(options, cli.WithName(q.Name))
	}
	o, err := cli.NewProjectOptions(q.Files, options...)
	if err != nil {
		return nil, err
	}
	project, err := o.LoadProject(context.Background())
	if err != nil {
		return nil, err
	}
	return project.MarshalJSON()
}

// answered never ends the program: a file that makes the library panic is a refused one.
func answered(q question) (a answer) {
	defer func() {
		if cause := recover(); cause != nil {
			a = answer{Error: fmt.Sprintf("panic: %v", cause)}
		}
	}()
	model, err := load(q, cli.WithEnv(q.Env))
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Model: model}
}

func answerLines(in io.Reader, out io.Writer) error {
	decoder := json.NewDecoder(bufio.NewReader(in))
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		var q question
		if err := decoder.Decode(&q); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := encoder.Encode(answered(q)); err != nil {
			return err
		}
	}
}

func main() {
	logrus.SetLevel(logrus.ErrorLevel)
	if len(os.Args) == 2 && os.Args[1] == "--lines" {
		if err := answerLines(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	model, err := load(question{Files: os.Args[1:], Name: "p", Profiles: []string{"*"}}, cli.WithOsEnv)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(string(model))
}
