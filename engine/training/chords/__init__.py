"""From licensed chord charts to the shipped chord model: readers, split by song, training, evaluation."""
