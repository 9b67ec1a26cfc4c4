#ifndef GATEWAY_AMOUNT_WORDS_H
#define GATEWAY_AMOUNT_WORDS_H

#include "base/money.h"

/*
 * An amount in Vietnamese words, as a receipt has to say it: "Hai trăm năm
 * mươi nghìn đồng chẵn".  "Chẵn" closes an amount of whole thousands, so that
 * nothing can be added behind it.  From 0 to MONEY_MAX; less is asserted.
 */
struct buf;

void amount_words(struct money m, struct buf *out);

#endif /* GATEWAY_AMOUNT_WORDS_H */
