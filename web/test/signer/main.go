// Command signer signs results for the browser tests as an agency would: a test
// authority of its own, whose certificates it prints first, and then one signed
// file for each line that it reads. It must never be part of what is deployed.
//
//	→ {"roots": PEM, "intermediates": PEM, "agency": NAME}
//	← sign PA-…      → base64 of a PDF signed by the person and then by the agency
//	← forge PA-…     → the same, changed after it was signed
//	← unsigned PA-…  → the same, without a signature
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"paht/shared/signature/signaturetest"
)

const agency = "Trung tâm Quản lý hạ tầng kỹ thuật tỉnh Mộc Lam"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "signer: "+err.Error())
		os.Exit(1)
	}
}

func run() error {
	authority, err := signaturetest.NewNamedAuthority("Browser test CA", time.Now())
	if err != nil {
		return fmt.Errorf("making the authority: %w", err)
	}
	person, err := authority.Person("Võ Minh", agency)
	if err != nil {
		return fmt.Errorf("making the person's certificate: %w", err)
	}
	office, err := authority.Agency(agency)
	if err != nil {
		return fmt.Errorf("making the agency's certificate: %w", err)
	}
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(map[string]string{"roots": string(authority.RootsPEM()), "intermediates": string(authority.IntermediatesPEM()), "agency": agency}); err != nil {
		return err
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		kind, code, _ := strings.Cut(in.Text(), " ")
		file, err := document(kind, code, person, office)
		if err != nil {
			return err
		}
		fmt.Println(base64.StdEncoding.EncodeToString(file))
	}
	return in.Err()
}

func document(kind, code string, signers ...*signaturetest.Signer) ([]byte, error) {
	file := signaturetest.ResultPDF("KẾT QUẢ XỬ LÝ PHẢN ÁNH "+code, []string{"Đã thay nắp cống mới tại vị trí phản ánh."})
	if kind == "unsigned" {
		return file, nil
	}
	for _, signer := range signers {
		signed, err := signaturetest.SignPDF(file, signer, signaturetest.Options{At: time.Now(), SubFilter: "ETSI.CAdES.detached"})
		if err != nil {
			return nil, fmt.Errorf("signing: %w", err)
		}
		file = signed
	}
	if kind == "forge" {
		file = append(file, "\n% added after signing\n"...)
	}
	return file, nil
}
