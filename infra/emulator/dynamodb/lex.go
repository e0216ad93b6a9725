package dynamodb

import "strings"

type tokenKind byte

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenName  // #name
	tokenValue // :value
	tokenNumber
	tokenSign
	tokenBad
)

type token struct {
	kind tokenKind
	text string
	at   int
}

// A lexer cuts an expression into tokens.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
type lexer struct {
	src string
	i   int
}

func (l *lexer) next() token {
	for l.i < len(l.src) && strings.IndexByte(" \t\r\n", l.src[l.i]) >= 0 {
		l.i++
	}
	start := l.i
	if start == len(l.src) {
		return token{kind: tokenEnd, at: start}
	}
	kind := tokenBad
	switch c := l.src[start]; {
	case isLetter(c) || c == '_':
		kind = tokenWord
		l.span(isNamePart)
	case c == '#' || c == ':':
		l.i++
		l.span(isNamePart)
		if kind = tokenName; c == ':' {
			kind = tokenValue
		}
		if l.i == start+1 {
			kind = tokenBad
		}
	case isDigit(c):
		kind = tokenNumber
		l.span(isDigit)
	default:
		l.i++
		if strings.IndexByte("()[],.=<>+-", c) >= 0 {
			kind = tokenSign
		}
		if l.i < len(l.src) && (c == '<' && (l.src[l.i] == '=' || l.src[l.i] == '>') || c == '>' && l.src[l.i] == '=') {
			l.i++
		}
	}
	return token{kind: kind, text: l.src[start:l.i], at: start}
}

func (l *lexer) span(in func(byte) bool) {
	for l.i < len(l.src) && in(l.src[l.i]) {
		l.i++
	}
}

func isLetter(c byte) bool   { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool    { return c >= '0' && c <= '9' }
func isNamePart(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' }
