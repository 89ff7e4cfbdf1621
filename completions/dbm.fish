# Completion of dbm's programs for fish.  Names are data: fish quotes what it inserts.

# The tables of the database before the last # of the word at the cursor.
function __dbm_tables
    set -l typed (commandline -ct)
    set -l word (string unescape -- $typed; or string unescape -- $typed'"'; or string unescape -- $typed"'")
    set -l db (string match -r '^(.+)#[^#]*$' -- $word)[2]; or return
    set -l path (string replace -r '^~/' "$HOME/" -- $db)
    dbm-list -f tsv --timeout 2s -- $path </dev/null 2>/dev/null | while read -l -d \t ref _rest
        if string match -q '*#*' -- $ref
            printf '%s#%s\n' $db (string replace -r '.*#' '' -- $ref)
        else if test -d $path
            printf '%s#%s\n' $db (string replace -r '.*/' '' -- $ref)
        end
    end
end

# flags, made by completions/generate
complete -c dbm-linecount -e
complete -c dbm-linecount -k -a '(__dbm_tables)'
complete -c dbm-linecount -s b -l bare -d 'the number of records alone'
complete -c dbm-linecount -l total -d 'the sum over all tables alone'
complete -c dbm-linecount -l at-least -x -d 'stop at N records; status 1 where there are fewer'
complete -c dbm-linecount -s e -l estimate -d 'about how many, from 4 MiB of each file'
complete -c dbm-linecount -l or-estimate -d 'about how many where --timeout ends the count'
complete -c dbm-linecount -l seed -x -d 'read the same parts again for an estimate'
complete -c dbm-linecount -l threads -x -d 'how many count a large file (one a processor)'
complete -c dbm-linecount -l lines-of -x -d 'the newlines in this column instead of the lines of the text'
complete -c dbm-linecount -l delimiter -x -d 'what separates fields: one character, or tab (default: found out)'
complete -c dbm-linecount -l no-header -d 'the first record is data'
complete -c dbm-linecount -l encoding -x -d 'latin1, cp1252 … (default: UTF-8, or UTF-16 by its mark)'
complete -c dbm-linecount -s f -l format -x -a 'tsv csv json table md' -d 'tsv, csv, json, table or md'
complete -c dbm-linecount -s H -l header -d 'column names first, in tsv'
complete -c dbm-linecount -s q -l quiet -d 'no progress and no notes'
complete -c dbm-linecount -s 0 -l null -d 'references on standard input end with NUL'
complete -c dbm-linecount -l timeout -x -d 'give up after TIME (2s, 500ms, 1m)'
complete -c dbm-linecount -l refresh -d 'ask the source now'
complete -c dbm-linecount -l no-cache -d 'neither read nor write the cache'
complete -c dbm-linecount -l cached -d 'never ask the source'
complete -c dbm-linecount -l ttl -x -d 'how long a server'\''s answer is fresh'
complete -c dbm-linecount -l swr -x -d 'how long an old one is served while it is refreshed'
complete -c dbm-linecount -l sie -x -d 'how long an old one is served if the server fails'
complete -c dbm-linecount -l strict -d 'an old answer is a failure'
complete -c dbm-linecount -l trace -r -F -d 'append what was done to FILE'
complete -c dbm-linecount -s h -l help -d 'show this help'
complete -c dbm-linecount -l version -d 'show the version'
complete -c dbm-linecount -l describe -d 'list the flags for programs'
complete -c dbm-list -e
complete -c dbm-list -k -a '(__dbm_tables)'
complete -c dbm-list -s a -l all -d 'hidden and system tables too'
complete -c dbm-list -s l -l long -d 'more about each: format, compression'
complete -c dbm-list -s k -l kind -x -a 'table view database column index fk' -d 'only tables or views; databases; columns, indexes or foreign keys'
complete -c dbm-list -s m -l match -x -d 'only names that match the pattern'
complete -c dbm-list -s f -l format -x -a 'tsv csv json table md' -d 'tsv, csv, json, table or md'
complete -c dbm-list -s H -l header -d 'column names first, in tsv'
complete -c dbm-list -s q -l quiet -d 'no progress and no notes'
complete -c dbm-list -s 0 -l null -d 'references on standard input end with NUL'
complete -c dbm-list -l timeout -x -d 'give up after TIME (2s, 500ms, 1m)'
complete -c dbm-list -l refresh -d 'ask the source now'
complete -c dbm-list -l no-cache -d 'neither read nor write the cache'
complete -c dbm-list -l cached -d 'never ask the source'
complete -c dbm-list -l ttl -x -d 'how long a server'\''s answer is fresh'
complete -c dbm-list -l swr -x -d 'how long an old one is served while it is refreshed'
complete -c dbm-list -l sie -x -d 'how long an old one is served if the server fails'
complete -c dbm-list -l strict -d 'an old answer is a failure'
complete -c dbm-list -l trace -r -F -d 'append what was done to FILE'
complete -c dbm-list -s h -l help -d 'show this help'
complete -c dbm-list -l version -d 'show the version'
complete -c dbm-list -l describe -d 'list the flags for programs'
complete -c dbm-preview -e
complete -c dbm-preview -k -a '(__dbm_tables)'
complete -c dbm-preview -s n -l rows -x -d 'how many rows (5)'
complete -c dbm-preview -s c -l column -x -d 'only these columns: names or numbers, comma-separated'
complete -c dbm-preview -l width -x -d 'cut cells to that (4096); 0: show all'
complete -c dbm-preview -l columns -d 'names and types of the columns, no rows'
complete -c dbm-preview -l offset -x -d 'pass over the first N rows'
complete -c dbm-preview -l tail -d 'the last rows'
complete -c dbm-preview -l sample -d 'rows from anywhere, at random'
complete -c dbm-preview -l seed -x -d 'take the same rows again for a sample'
complete -c dbm-preview -l ref -d 'the reference as the first column, in csv and tsv'
complete -c dbm-preview -l delimiter -x -d 'what separates fields: one character, or tab (default: found out)'
complete -c dbm-preview -l no-header -d 'the first record is data'
complete -c dbm-preview -l encoding -x -d 'latin1, cp1252 … (default: UTF-8, or UTF-16 by its mark)'
complete -c dbm-preview -s f -l format -x -a 'tsv csv json table md' -d 'tsv, csv, json, table or md'
complete -c dbm-preview -s H -l header -d 'column names first, in tsv'
complete -c dbm-preview -s q -l quiet -d 'no progress and no notes'
complete -c dbm-preview -s 0 -l null -d 'references on standard input end with NUL'
complete -c dbm-preview -l timeout -x -d 'give up after TIME (2s, 500ms, 1m)'
complete -c dbm-preview -l refresh -d 'ask the source now'
complete -c dbm-preview -l no-cache -d 'neither read nor write the cache'
complete -c dbm-preview -l cached -d 'never ask the source'
complete -c dbm-preview -l ttl -x -d 'how long a server'\''s answer is fresh'
complete -c dbm-preview -l swr -x -d 'how long an old one is served while it is refreshed'
complete -c dbm-preview -l sie -x -d 'how long an old one is served if the server fails'
complete -c dbm-preview -l strict -d 'an old answer is a failure'
complete -c dbm-preview -l trace -r -F -d 'append what was done to FILE'
complete -c dbm-preview -s h -l help -d 'show this help'
complete -c dbm-preview -l version -d 'show the version'
complete -c dbm-preview -l describe -d 'list the flags for programs'
# end of flags
