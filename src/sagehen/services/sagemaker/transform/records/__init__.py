"""Records: objects cut into records, records put into payloads, answers put into files. No I/O."""
