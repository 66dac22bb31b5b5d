"""Seal each entry to the one before, and let nothing but INSERT touch the journal."""

from django.db import migrations

SEAL = r"""
CREATE FUNCTION journal_seal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  last_seq bigint;
  last_hash bytea;
BEGIN
  INSERT INTO journal_head (chain, seq, hash)
    VALUES (NEW.chain, 0, decode(repeat('00', 32), 'hex')) ON CONFLICT (chain) DO NOTHING;
  SELECT seq, hash INTO last_seq, last_hash FROM journal_head WHERE chain = NEW.chain FOR UPDATE;
  NEW.seq := last_seq + 1;
  NEW.prev_hash := last_hash;
  NEW.hash := sha256(last_hash || convert_to(concat_ws(chr(31), NEW.chain, NEW.seq,
    to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), NEW.kind, NEW.event,
    coalesce(NEW.actor_id::text, ''), coalesce(NEW.position_id::text, ''),
    coalesce(NEW.organisation_id::text, ''), NEW.about, coalesce(NEW.case_id::text, ''),
    NEW.facts::text), 'UTF8'));
  UPDATE journal_head SET seq = NEW.seq, hash = NEW.hash WHERE chain = NEW.chain;
  RETURN NEW;
END $$;

CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the journal is only ever added to (%)', TG_OP;
END $$;

CREATE TRIGGER journal_seal BEFORE INSERT ON journal_entry
  FOR EACH ROW EXECUTE FUNCTION journal_seal();
CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE ON journal_entry
  FOR EACH ROW EXECUTE FUNCTION journal_refuse();
CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON journal_entry
  FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse();
CREATE TRIGGER anchor_no_change BEFORE UPDATE OR DELETE ON journal_anchor
  FOR EACH ROW EXECUTE FUNCTION journal_refuse();
CREATE TRIGGER anchor_no_truncate BEFORE TRUNCATE ON journal_anchor
  FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse();
"""

UNSEAL = """
DROP TRIGGER journal_seal ON journal_entry;
DROP TRIGGER journal_no_change ON journal_entry;
DROP TRIGGER journal_no_truncate ON journal_entry;
DROP TRIGGER anchor_no_change ON journal_anchor;
DROP TRIGGER anchor_no_truncate ON journal_anchor;
DROP FUNCTION journal_seal();
DROP FUNCTION journal_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]
    operations = [migrations.RunSQL(SEAL, UNSEAL)]
