"""The fixed texts that every bundle answers in advance, for a browser to check itself against.

They belong to Cutouts and hold nothing of anybody's corpus: everyday sentences, many scripts, and
what tokenizers stumble over.
"""

TEXTS = (
    "",
    " \t\n ",
    "How do I read a file line by line?",
    "The committee meets on Tuesday at 10:30 to vote on next year's budget.",
    "A light soup of lentils, cumin and lemon, ready in half an hour.",
    "GPU prices fell 12.5% in Q3; analysts at three banks had expected a rise.",
    "naïve café, Ångström, piñata, coöperate, façade",
    "e\u0301 and \u00e9 are the same letter written in two ways",
    "Straße, ﬁne ligature, ½ cup, № 5, ™ and ©",
    "Сегодня вечером в парке играет оркестр.",
    "Η βιβλιοθήκη ανοίγει στις εννέα το πρωί.",
    "مكتبة المدينة مفتوحة يوم السبت",
    "הספר מונח על השולחן",
    "पुस्तक मेज़ पर रखी है",
    "图书馆星期六开放，欢迎光临。",
    "図書館は土曜日に開いています。カタカナとｶﾀｶﾅ",
    "도서관은 토요일에 문을 엽니다",
    "ห้องสมุดเปิดวันเสาร์",
    "👩\u200d👩\u200d👧 family, 🇨🇭 flag, 👍🏽 thumb, ☕️ cup",
    "zero\u200bwidth, soft\u00adhyphen, no\u00a0break, bell\x07 and nul\x00 inside",
    "[CLS] literal markers [SEP] [MASK] [PAD] [UNK] ##ing",
    "lone surrogates: \ud83d and \ude00 and again \udc00\ud800",
    "a" * 120 + " " + "Donaudampfschifffahrtsgesellschaftskapitän " * 2,
    "https://example.org/a/path?query=1&other=%20two#part mail@example.org @name #tag $9.99 C++ C#",
    "<script>alert('text is only text')</script> &amp; <b>bold</b>",
    "The same sentence many times over makes a long text. " * 60,
)
