"""What a snapshot answers: sizes, arrays, ages, SQL, and what changed."""
