# shellcheck shell=bash
# Completion of dbm's programs for bash 4 and later; bash-completion may be there or not.
# Names are data: nothing here expands or evaluates them.  What was typed stays as it is, and what is put behind it is quoted
# here, because readline (-o filenames) leaves $ and ` bare as soon as one was typed.

# program|letter|name|argument|choices
_dbm_flags=(
# flags, made by completions/generate
	'dbm-index||check|[KINDS]|'
	'dbm-index||want|FILE|'
	'dbm-index||plan||'
	'dbm-index||apply|FILE|'
	'dbm-index||dry-run||'
	'dbm-index||wait|TIME|'
	'dbm-index||lock-timeout|TIME|'
	'dbm-index||analyze|WHEN|auto,never,always'
	'dbm-index||explain|SQL|'
	'dbm-index||baseline|FILE|'
	'dbm-index||also|REF|'
	'dbm-index||wal||'
	'dbm-index||build||'
	'dbm-index|P|parallel|N|'
	'dbm-index|f|format|FORMAT|tsv,csv,json,table,md'
	'dbm-index|H|header||'
	'dbm-index|q|quiet||'
	'dbm-index|0|null||'
	'dbm-index||timeout|TIME|'
	'dbm-index||refresh||'
	'dbm-index||no-cache||'
	'dbm-index||cached||'
	'dbm-index||ttl|TIME|'
	'dbm-index||swr|TIME|'
	'dbm-index||sie|TIME|'
	'dbm-index||strict||'
	'dbm-index||trace|FILE|'
	'dbm-index|h|help||'
	'dbm-index||version||'
	'dbm-index||describe||'
	'dbm-invalidate|k|kind|KINDS|'
	'dbm-invalidate||older-than|TIME|'
	'dbm-invalidate||all||'
	'dbm-invalidate||gc||'
	'dbm-invalidate||max-size|SIZE|'
	'dbm-invalidate|n|dry-run||'
	'dbm-invalidate|v|verbose||'
	'dbm-invalidate|f|format|FORMAT|tsv,csv,json,table,md'
	'dbm-invalidate|H|header||'
	'dbm-invalidate|q|quiet||'
	'dbm-invalidate|0|null||'
	'dbm-invalidate||timeout|TIME|'
	'dbm-invalidate||refresh||'
	'dbm-invalidate||no-cache||'
	'dbm-invalidate||cached||'
	'dbm-invalidate||ttl|TIME|'
	'dbm-invalidate||swr|TIME|'
	'dbm-invalidate||sie|TIME|'
	'dbm-invalidate||strict||'
	'dbm-invalidate||trace|FILE|'
	'dbm-invalidate|h|help||'
	'dbm-invalidate||version||'
	'dbm-invalidate||describe||'
	'dbm-linecount|b|bare||'
	'dbm-linecount||total||'
	'dbm-linecount||at-least|N|'
	'dbm-linecount|e|estimate||'
	'dbm-linecount||or-estimate||'
	'dbm-linecount||seed|N|'
	'dbm-linecount||threads|N|'
	'dbm-linecount||lines-of|COL|'
	'dbm-linecount||delimiter|CHAR|'
	'dbm-linecount||no-header||'
	'dbm-linecount||encoding|NAME|'
	'dbm-linecount|P|parallel|N|'
	'dbm-linecount|f|format|FORMAT|tsv,csv,json,table,md'
	'dbm-linecount|H|header||'
	'dbm-linecount|q|quiet||'
	'dbm-linecount|0|null||'
	'dbm-linecount||timeout|TIME|'
	'dbm-linecount||refresh||'
	'dbm-linecount||no-cache||'
	'dbm-linecount||cached||'
	'dbm-linecount||ttl|TIME|'
	'dbm-linecount||swr|TIME|'
	'dbm-linecount||sie|TIME|'
	'dbm-linecount||strict||'
	'dbm-linecount||trace|FILE|'
	'dbm-linecount|h|help||'
	'dbm-linecount||version||'
	'dbm-linecount||describe||'
	'dbm-list|a|all||'
	'dbm-list|l|long||'
	'dbm-list|k|kind|KIND|table,view,database,column,index,fk,publication,slot'
	'dbm-list||publication|NAME|'
	'dbm-list|m|match|GLOB|'
	'dbm-list|P|parallel|N|'
	'dbm-list|f|format|FORMAT|tsv,csv,json,table,md'
	'dbm-list|H|header||'
	'dbm-list|q|quiet||'
	'dbm-list|0|null||'
	'dbm-list||timeout|TIME|'
	'dbm-list||refresh||'
	'dbm-list||no-cache||'
	'dbm-list||cached||'
	'dbm-list||ttl|TIME|'
	'dbm-list||swr|TIME|'
	'dbm-list||sie|TIME|'
	'dbm-list||strict||'
	'dbm-list||trace|FILE|'
	'dbm-list|h|help||'
	'dbm-list||version||'
	'dbm-list||describe||'
	'dbm-preview|n|rows|N|'
	'dbm-preview|c|column|COLS|'
	'dbm-preview||width|BYTES|'
	'dbm-preview||columns||'
	'dbm-preview||offset|N|'
	'dbm-preview||tail||'
	'dbm-preview||sample||'
	'dbm-preview||seed|N|'
	'dbm-preview||ref||'
	'dbm-preview||delimiter|CHAR|'
	'dbm-preview||no-header||'
	'dbm-preview||encoding|NAME|'
	'dbm-preview|P|parallel|N|'
	'dbm-preview|f|format|FORMAT|tsv,csv,json,table,md'
	'dbm-preview|H|header||'
	'dbm-preview|q|quiet||'
	'dbm-preview|0|null||'
	'dbm-preview||timeout|TIME|'
	'dbm-preview||refresh||'
	'dbm-preview||no-cache||'
	'dbm-preview||cached||'
	'dbm-preview||ttl|TIME|'
	'dbm-preview||swr|TIME|'
	'dbm-preview||sie|TIME|'
	'dbm-preview||strict||'
	'dbm-preview||trace|FILE|'
	'dbm-preview|h|help||'
	'dbm-preview||version||'
	'dbm-preview||describe||'
	'dbm-profile|c|column|COLS|'
	'dbm-profile||exact||'
	'dbm-profile||sample||'
	'dbm-profile||top|K|'
	'dbm-profile||threads|N|'
	'dbm-profile||delimiter|CHAR|'
	'dbm-profile||no-header||'
	'dbm-profile||encoding|NAME|'
	'dbm-profile|P|parallel|N|'
	'dbm-profile|f|format|FORMAT|tsv,csv,json,table,md'
	'dbm-profile|H|header||'
	'dbm-profile|q|quiet||'
	'dbm-profile|0|null||'
	'dbm-profile||timeout|TIME|'
	'dbm-profile||refresh||'
	'dbm-profile||no-cache||'
	'dbm-profile||cached||'
	'dbm-profile||ttl|TIME|'
	'dbm-profile||swr|TIME|'
	'dbm-profile||sie|TIME|'
	'dbm-profile||strict||'
	'dbm-profile||trace|FILE|'
	'dbm-profile|h|help||'
	'dbm-profile||version||'
	'dbm-profile||describe||'
	'dbm-schema||record||'
	'dbm-schema||log||'
	'dbm-schema||diff||'
	'dbm-schema||check||'
	'dbm-schema|P|parallel|N|'
	'dbm-schema|f|format|FORMAT|tsv,csv,json,table,md'
	'dbm-schema|H|header||'
	'dbm-schema|q|quiet||'
	'dbm-schema|0|null||'
	'dbm-schema||timeout|TIME|'
	'dbm-schema||refresh||'
	'dbm-schema||no-cache||'
	'dbm-schema||cached||'
	'dbm-schema||ttl|TIME|'
	'dbm-schema||swr|TIME|'
	'dbm-schema||sie|TIME|'
	'dbm-schema||strict||'
	'dbm-schema||trace|FILE|'
	'dbm-schema|h|help||'
	'dbm-schema||version||'
	'dbm-schema||describe||'
	'dbm-stats||latency||'
	'dbm-stats||entries||'
	'dbm-stats||config||'
	'dbm-stats||zero||'
	'dbm-stats|o|output|FILE|'
	'dbm-stats|f|format|FORMAT|tsv,csv,json,table,md,prom'
	'dbm-stats|H|header||'
	'dbm-stats|q|quiet||'
	'dbm-stats|0|null||'
	'dbm-stats||timeout|TIME|'
	'dbm-stats||refresh||'
	'dbm-stats||no-cache||'
	'dbm-stats||cached||'
	'dbm-stats||ttl|TIME|'
	'dbm-stats||swr|TIME|'
	'dbm-stats||sie|TIME|'
	'dbm-stats||strict||'
	'dbm-stats||trace|FILE|'
	'dbm-stats|h|help||'
	'dbm-stats||version||'
	'dbm-stats||describe||'
	'dbm-warm||for|KINDS|'
	'dbm-warm||expiring|TIME|'
	'dbm-warm|P|processes|N|'
	'dbm-warm||budget|TIME|'
	'dbm-warm||jitter|TIME|'
	'dbm-warm||delimiter|CHAR|'
	'dbm-warm||no-header||'
	'dbm-warm||encoding|NAME|'
	'dbm-warm|f|format|FORMAT|tsv,csv,json,table,md'
	'dbm-warm|H|header||'
	'dbm-warm|q|quiet||'
	'dbm-warm|0|null||'
	'dbm-warm||timeout|TIME|'
	'dbm-warm||refresh||'
	'dbm-warm||no-cache||'
	'dbm-warm||cached||'
	'dbm-warm||ttl|TIME|'
	'dbm-warm||swr|TIME|'
	'dbm-warm||sie|TIME|'
	'dbm-warm||strict||'
	'dbm-warm||trace|FILE|'
	'dbm-warm|h|help||'
	'dbm-warm||version||'
	'dbm-warm||describe||'
# end of flags
)

# The words before the cursor without their quotes: the last into word, the others into words.  quote is the one still open.
# A backslash that has nothing behind it yet is taken off typed, or it would free what is put there.
_dbm_split() {
	local line=${COMP_LINE:0:COMP_POINT} c i
	for ((i = 0; i < ${#line}; i++)); do
		c=${line:i:1}
		if [[ $quote && $c == "$quote" ]]; then
			quote=''
		elif [[ $c == \\ && $quote != \' ]]; then
			word+=${line:$((++i)):1}
		elif [[ $quote ]]; then
			word+=$c
		elif [[ $c == [\'\"] ]]; then
			quote=$c
		elif [[ $c == [[:space:]] ]]; then
			[[ $word ]] && words+=("$word")
			word=''
		else
			word+=$c
		fi
	done
	((i == ${#line})) || typed=${typed%\\}
}

# Appends TEXT to insert, as it must be written where the cursor is.
_dbm_quote() { # TEXT
	local text=$1 c
	case $quote in
	\') c="'\\''" text=${text//\'/"$c"} ;;
	\")
		for c in \\ \" \$ \`; do text=${text//"$c"/"\\$c"}; done
		c='"\!"' text=${text//!/"$c"}
		;;
	*) [[ ! $text ]] || printf -v text %q "$text" ;;
	esac
	insert+=$text
}

# The tables of the database before the last # of the word.
_dbm_tables() {
	local db=${word%#*} path ref
	path=$db
	[[ $path == '~'/* ]] && path=$HOME${path:1}
	while IFS=$'\t' read -r ref _; do
		if [[ $ref == *#* ]]; then
			found+=("$db#${ref##*#}")
		elif [[ -d $path ]]; then
			found+=("$db#${ref##*/}")
		fi
	done < <(dbm-list -f tsv --timeout 2s -- "$path" </dev/null 2>/dev/null)
}

_dbm() {
	local typed=$2 words=('') word='' quote='' found=() insert
	local row name letter argument choices value='' from='' before='' choice
	_dbm_split
	for row in "${_dbm_flags[@]}"; do
		[[ $row == "${1##*/}|"* ]] || continue
		IFS='|' read -r _ letter name argument choices <<<"$row"
		found+=("--$name" ${letter:+"-$letter"})
		if [[ $argument && $word == "--$name="* ]]; then
			value=$argument from=$choices before=--$name=
		elif [[ $argument && $argument != \[* && (${words[-1]} == "--$name" || $letter && ${words[-1]} == -?([!-]*)"$letter") ]]; then
			value=$argument from=$choices
		fi
	done

	if [[ " ${words[*]} " == *' -- '* || ! $value && $word != -* ]]; then
		found=() value=FILE
		[[ $word == *#* ]] && _dbm_tables
	elif [[ $value ]]; then
		IFS=, read -ra found <<<"$from"
	fi
	COMPREPLY=()
	for choice in "${found[@]}"; do
		choice=$before$choice
		[[ $choice == "$word"* ]] || continue
		insert=$typed
		_dbm_quote "${choice:${#word}}"
		COMPREPLY+=("$insert")
	done
	if [[ $value == FILE ]]; then
		compopt -o default
	fi
}

complete -F _dbm "${_dbm_flags[@]%%|*}"
