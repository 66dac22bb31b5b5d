# Rscript fit.R DATA OUT: infit and outfit by eRm (abilities by maximum likelihood, extreme works left out).
library(eRm)
arguments <- commandArgs(TRUE)
scores <- as.matrix(read.csv(arguments[1]))
options(digits = 15)
fitted <- if (max(scores) > 1) PCM(scores) else RM(scores)
found <- itemfit(person.parameter(fitted))
write.csv(data.frame(item = names(found$i.fit), chisq = found$i.fit, df = found$i.df, outfit = found$i.outfitMSQ,
                     infit = found$i.infitMSQ, outfitZ = found$i.outfitZ, infitZ = found$i.infitZ),
          paste0(arguments[2], "_eRm.csv"), row.names = FALSE)
