# The same loop for jq: `jq -nrR --slurpfile lifecycle LIFECYCLE -f loop.jq LOG`. The states of the jobs are at the top level,
# and no alternative operator is used while they change, since jq would then copy all of them for each message.
($lifecycle[0].transitions | map({key: "\(.from) \(.to)", value: true}) | from_entries) as $pairs
| foreach (inputs | [fromjson? | objects][0]) as $record (
    {line: 0};
    setpath(["line"]; .line + 1)
    | setpath(["alarm"]; if $record == null then "\(.line)" else null end)
    | if $record.type == "job_status" then
        "job \($record.job_id)" as $job
        | "\($record.message.status)" as $status
        | .[$job] as $last
        | setpath([$job]; $status)
        | if $last == null or $last == $status or $pairs["\($last) \($status)"] then .
          else setpath(["alarm"]; "\(.line)\t\($record.job_id)") end
      else . end;
    if .alarm == null then empty else .alarm end
)
