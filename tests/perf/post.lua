-- wrk: the same turn by POST, without a body.
wrk.method = "POST"
