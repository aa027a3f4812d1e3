// An error that nobody handles.
throw new Error("no");
