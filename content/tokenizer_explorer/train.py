from tokenizers import Tokenizer, models, pre_tokenizers, trainers

method = "BPE"
vocab_size = 300
corpus = "The cat sat on the mat."
text = "I want to go home."

settings = {"vocab_size": vocab_size, "special_tokens": ["[UNK]"], "show_progress": False}
if method == "BPE":
    tokenizer, trainer = Tokenizer(models.BPE(unk_token="[UNK]")), trainers.BpeTrainer(**settings)
elif method == "WordPiece":
    tokenizer, trainer = Tokenizer(models.WordPiece(unk_token="[UNK]")), trainers.WordPieceTrainer(**settings)
else:
    tokenizer, trainer = Tokenizer(models.Unigram()), trainers.UnigramTrainer(unk_token="[UNK]", **settings)
tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer() if method == "WordPiece" else pre_tokenizers.Metaspace()
tokenizer.train_from_iterator(corpus.splitlines(), trainer)
ids = tokenizer.encode(text).ids
print(tokenizer.get_vocab_size(), [tokenizer.id_to_token(i) for i in ids], ids)
