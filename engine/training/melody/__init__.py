"""How the melody model is made: corpus, split by cluster, training, evaluation."""
