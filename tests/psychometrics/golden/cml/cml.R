# Rscript cml.R DATA OUT: conditional maximum likelihood by dexter for a persons x items CSV of scores (NA or -1: not given).
library(dexter)
arguments <- commandArgs(TRUE)
scores <- as.matrix(read.csv(arguments[1]))
scores[scores < 0] <- NA
storage.mode(scores) <- "integer"
fitted <- fit_enorm(scores)
options(digits = 15)
write.csv(coef(fitted), arguments[2], row.names = FALSE)
cat("log-likelihood", as.numeric(logLik(fitted)), "\n")
